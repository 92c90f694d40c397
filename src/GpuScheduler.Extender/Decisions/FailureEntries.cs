using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// Failed nodes as they are written: per class of rejections the entries of a JSON map, each with a comma behind it, and how many there are. Used by
/// one call at a time.
/// </summary>
internal sealed class FailureEntries
{
    /// <summary>How many classes of rejections there are.</summary>
    public const int Classes = (int)RejectionClass.OnlyExtenderSees + 1;

    private readonly PooledBuffer[] _text = [.. Enumerable.Range(0, Classes).Select(_ => new PooledBuffer())];
    private readonly int[] _counts = new int[Classes];
    private readonly int[] _labels = new int[RejectionLabels.Names.Count];

    /// <summary>How many there are by class.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>How many there are by <see cref="Reason.Label"/>.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The entries of a class.</summary>
    public ReadOnlySpan<byte> TextOf(RejectionClass rejection) => _text[(int)rejection].Written;

    /// <summary>Forgets them all.</summary>
    public void Clear()
    {
        foreach (var text in _text) text.Clear();
        Array.Clear(_counts);
        Array.Clear(_labels);
    }

    /// <summary>Adds the node of a row.</summary>
    public void Add(PageNames names, int rowInPage, Reason reason)
    {
        var (start, end) = (names.Starts[rowInPage], names.Starts[rowInPage + 1] - 1);
        var text = TextFor(reason);
        text.AppendWide(names.Padded, start, end - start);
        text.AppendWide(reason.AfterName.Padded, 0, reason.AfterName.Length);
    }

    /// <summary>Adds a node that is not in the snapshot.</summary>
    /// <param name="name">What stands in the request in place of its name.</param>
    /// <param name="reason">Why it fails.</param>
    public void AddUnknown(ReadOnlySpan<byte> name, Reason reason)
    {
        var text = TextFor(reason);
        AnswerWriter.WriteUnknownName(text, name);
        text.Append(reason.AfterName.Padded[..reason.AfterName.Length]);
    }

    /// <summary>Adds a node that cannot be read.</summary>
    public void AddUnreadable(string name, string problem)
    {
        var reason = new Reason(RejectionClass.Unresolvable, RejectionLabels.UnreadableNode, $"node cannot be read: {problem}");
        var text = TextFor(reason);
        text.AppendJsonString(name);
        text.Append(reason.AfterName.Padded[..reason.AfterName.Length]);
    }

    /// <summary>A copy that stays: of the failed nodes of one page.</summary>
    public PageFailures ToPage(long generation, ReadOnlySpan<ulong> rows) =>
        new(generation, rows.ToArray(), [.. _text.Select(text => text.Written.ToArray())], [.. _counts], [.. _labels]);

    private PooledBuffer TextFor(Reason reason)
    {
        _counts[(int)reason.Class]++;
        _labels[reason.Label]++;
        return _text[(int)reason.Class];
    }
}
