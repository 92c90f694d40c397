using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// What was last told of the nodes of one page that cannot take pods of one shape, and for which generation of the page and which of its rows: the
/// next who asks for the same copies it. Readers and writers never wait, as in <see cref="PageAnswers"/>.
/// </summary>
internal sealed class PageFailures
{
    private readonly ulong[] _rows = new ulong[NodePage.BitmapWords];

    // Per class of rejections, then per label; and where the text of each class ends.
    private readonly int[] _counts = new int[FailedNodes.CountsLength];
    private readonly int[] _ends = new int[FailedNodes.Classes];
    private byte[] _text = [];
    private long _generation = -1;
    private int _version;

    /// <summary>Adds what is known of these rows to others; false when it is not known, and nothing has been added.</summary>
    /// <param name="generation">The page's generation.</param>
    /// <param name="rows">The rows that fail, of those asked for.</param>
    /// <param name="failed">Gets it.</param>
    public bool TryAddTo(long generation, ReadOnlySpan<ulong> rows, FailedNodes failed)
    {
        var version = Volatile.Read(ref _version);
        if ((version & 1) != 0 || _generation != generation || !rows.SequenceEqual(_rows)) return false;
        Span<int> counts = stackalloc int[FailedNodes.CountsLength];
        _counts.CopyTo(counts);
        var text = _text;
        var before = failed.Mark();
        for (int rejection = 0, start = 0; rejection < FailedNodes.Classes; rejection++)
        {
            // While somebody writes they need not be in order; then nothing of it counts.
            var end = _ends[rejection];
            if (start <= end && end <= text.Length) failed.Append((RejectionClass)rejection, text.AsSpan(start..end));
            start = end;
        }

        Volatile.ReadBarrier();
        if (_version != version)
        {
            failed.GoBackTo(before);
            return false;
        }

        failed.AddCounts(counts);
        return true;
    }

    /// <summary>Remembers what has been added since a mark.</summary>
    public void Set(long generation, ReadOnlySpan<ulong> rows, FailedNodes failed, in FailedNodes.Place since)
    {
        var version = _version;
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref _version, version + 1, version) != version) return;
        _generation = generation;
        rows.CopyTo(_rows);
        failed.CopyCountsSince(since, _counts);
        var length = failed.LengthSince(since);
        if (_text.Length < length) _text = new byte[length + (length / 4)];
        var end = 0;
        for (var rejection = 0; rejection < FailedNodes.Classes; rejection++)
        {
            var text = failed.TextSince(since, (RejectionClass)rejection);
            text.CopyTo(_text.AsSpan(end));
            _ends[rejection] = end += text.Length;
        }

        Volatile.Write(ref _version, version + 2);
    }
}
