using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// The names of earlier lists, one behind the other with commas between as they stand in requests, and their rows. A list mostly comes as the last one came,
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

    /// <summary>Recognises as many names as it can from a place in the body on, and adds them to the list.</summary>
    /// <param name="body">The request.</param>
    /// <param name="start">Where a name begins, or should.</param>
    /// <param name="asked">Receives the names.</param>
    /// <returns>Where the last name recognised ends; <paramref name="start"/> when the name there must be looked up.</returns>
    public int Recognize(ReadOnlySpan<byte> body, int start, AskedNodes asked)
    {
        var json = body[start..];
        var head = _heads[0];
        var end = Math.Min(head + LookAhead, _count);
        for (var at = head; at < end; at++)
        {
            if (!IsAt(at, json)) continue;
            return TakeRun(0, at, json, start, asked);
        }

        for (var i = 1; i < Heads; i++)
        {
            if (_heads[i] >= _count || !IsAt(_heads[i], json)) continue;
            return TakeRun(i, _heads[i], json, start, asked);
        }

        return start;
    }

    /// <summary>Takes the names that the body has in common with what is known from there on, compared all at once.</summary>
    private int TakeRun(int head, int first, ReadOnlySpan<byte> json, int start, AskedNodes asked)
    {
        var names = _names.AsSpan(first, _count - first);
        var origin = names[0].Start;
        var common = json.CommonPrefixLength(_bytes.Written[origin..]);
        var offset = start - origin;
        var taken = 0;
        foreach (var name in names)
        {
            if (name.Start + name.Length - origin > common) break;
            asked.Add(name.Row, name.Start + offset, name.Start + name.Length + offset);
            taken++;
        }

        _found += taken;
        MoveToFront(head, first + taken);
        var last = names[taken - 1];
        return last.Start + last.Length + offset;
    }

    /// <summary>Takes note of a name that had to be looked up.</summary>
    public void LookedUp(ReadOnlySpan<byte> json, int row)
    {
        _found++;
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
            _bytes.Append((byte)',');
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
