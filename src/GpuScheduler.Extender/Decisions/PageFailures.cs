using GpuScheduler.Core.Filtering;

namespace GpuScheduler.Extender.Decisions;

/// <summary>What is told of the nodes of one page that cannot take pods of one shape, as <see cref="FailureEntries"/> wrote it. Never changes.</summary>
/// <param name="generation">The page's generation.</param>
/// <param name="rows">Which of its rows, one bit each.</param>
/// <param name="text">The entries, by class.</param>
/// <param name="counts">How many, by class.</param>
/// <param name="labels">How many, by <see cref="Reason.Label"/>.</param>
internal sealed class PageFailures(long generation, ulong[] rows, byte[][] text, int[] counts, int[] labels)
{
    /// <summary>How many there are by class.</summary>
    public ReadOnlySpan<int> Counts => counts;

    /// <summary>How many there are by <see cref="Reason.Label"/>.</summary>
    public ReadOnlySpan<int> Labels => labels;

    /// <summary>The entries of a class.</summary>
    public byte[] TextOf(RejectionClass rejection) => text[(int)rejection];

    /// <summary>Whether it is told of these rows of a page.</summary>
    public bool IsOf(long generationOfPage, ReadOnlySpan<ulong> rowsOfPage) => generation == generationOfPage && rowsOfPage.SequenceEqual(rows);
}
