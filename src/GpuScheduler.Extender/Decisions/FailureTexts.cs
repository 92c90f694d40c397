namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// Keeps what was last told of the failed nodes of pages, for many shapes: a bounded number of pages in all, so that neither many shapes nor large
/// clusters take much memory. Where two want the same slot the later has it; the other is told anew. Safe for concurrent use, without locks.
/// </summary>
/// <remarks>A page's text is at most some 20 kB, mostly half: all together stay below 40 MB, whatever the cluster.</remarks>
internal sealed class FailureTexts
{
    private const int Slots = 2048;

    /// <summary>A prime above the pages of 65,000 nodes: shapes that follow each other have slots of their own as far as they go.</summary>
    private const int SlotsOfShape = 257;

    private readonly Entry?[] _entries = new Entry?[Slots];
    private readonly long[] _asked = new long[Slots];
    private int _shapes;

    /// <summary>A number for a shape, different for each.</summary>
    public int NextShape() => Interlocked.Increment(ref _shapes);

    /// <summary>What was last told of a page to pods of a shape; null when it is not kept.</summary>
    public PageFailures? Find(int shape, int page) =>
        Volatile.Read(ref SlotOf(shape, page)) is { } entry && entry.Shape == shape && entry.Page == page ? entry.Failures : null;

    /// <summary>Keeps it.</summary>
    public void Set(int shape, int page, PageFailures failures) => Volatile.Write(ref SlotOf(shape, page), new Entry(shape, page, failures));

    /// <summary>Whether it was asked before for the same generation of the page; when not, it is from now on. Where two slots meet it may be mistaken.</summary>
    public bool IsAgain(int shape, int page, long generation)
    {
        ref var asked = ref _asked[IndexOf(shape, page)];
        var asks = (generation << 32) | (uint)HashCode.Combine(shape, page);
        if (Volatile.Read(ref asked) == asks) return true;
        Volatile.Write(ref asked, asks);
        return false;
    }

    private static uint IndexOf(int shape, int page) => (uint)((shape * SlotsOfShape) + page) % Slots;

    private ref Entry? SlotOf(int shape, int page) => ref _entries[IndexOf(shape, page)];

    private sealed record Entry(int Shape, int Page, PageFailures Failures);
}
