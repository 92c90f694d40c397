using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// The names of earlier lists, one behind the other as they stood in the requests, with their rows. A list mostly comes as the last one came,
/// or as several runs of it interleaved (kube-scheduler filters its nodes on several threads), or with some left out (prioritize after
/// filter): so a name is first compared with those that followed the last few names, memory that is read in order, and only then looked up.
/// Used by one call at a time.
/// </summary>
internal sealed class KnownNames
{
    private const int Heads = 4;
    private const int LookAhead = 4;
    private const int SmallestJudged = 256;

    private readonly PooledBuffer _bytes = new();
    private readonly int[] _heads = new int[Heads];
    private Known[] _names = [];
    private int[] _positionOfRow = [];
    private int _count;
    private int _jumps;
    private int _found;
    private long _version = -1;

    /// <summary>Begins a list of names of a snapshot.</summary>
    public void Begin(ClusterSnapshot snapshot)
    {
        // A list in quite another order than the ones before: learn its order.
        var isStale = _version != snapshot.Names.Version || (_found > SmallestJudged && _jumps > _found / 4);
        _jumps = 0;
        _found = 0;
        Array.Clear(_heads);
        if (!isStale) return;
        _version = snapshot.Names.Version;
        _count = 0;
        _bytes.Clear();
        var rows = snapshot.Pages.Length * NodePage.RowCount;
        if (_positionOfRow.Length < rows) _positionOfRow = new int[rows];
        Array.Fill(_positionOfRow, -1);
        if (_names.Length < snapshot.NodeCount) _names = new Known[snapshot.NodeCount];
    }

    /// <summary>Recognises the name at the start of <paramref name="json"/>.</summary>
    /// <param name="json">Begins with a JSON string.</param>
    /// <param name="length">How long it is, quotes included.</param>
    /// <returns>Its row; -1 when it must be looked up.</returns>
    public int Recognize(ReadOnlySpan<byte> json, out int length)
    {
        _found++;
        var head = _heads[0];
        var end = Math.Min(head + LookAhead, _count);
        for (var at = head; at < end; at++)
        {
            if (!IsAt(at, json)) continue;
            _heads[0] = at + 1;
            length = _names[at].Length;
            return _names[at].Row;
        }

        for (var i = 1; i < Heads; i++)
        {
            var at = _heads[i];
            if (at >= _count || !IsAt(at, json)) continue;
            MoveToFront(i, at + 1);
            length = _names[at].Length;
            return _names[at].Row;
        }

        length = 0;
        return -1;
    }

    /// <summary>Takes note of a name that had to be looked up.</summary>
    public void LookedUp(ReadOnlySpan<byte> json, int row)
    {
        var at = _positionOfRow[row];
        if (at >= 0)
        {
            _jumps++;
        }
        else
        {
            at = _count++;
            _positionOfRow[row] = at;
            _names[at] = new Known(_bytes.Length, json.Length, row);
            _bytes.Append(json);
        }

        MoveToFront(Heads - 1, at + 1);
    }

    private bool IsAt(int at, ReadOnlySpan<byte> json)
    {
        var (start, length, _) = _names[at];
        return json.Length >= length && json[..length].SequenceEqual(_bytes.Written.Slice(start, length));
    }

    private void MoveToFront(int index, int value)
    {
        for (var i = index; i > 0; i--) _heads[i] = _heads[i - 1];
        _heads[0] = value;
    }

    private readonly record struct Known(int Start, int Length, int Row);
}
