using System.Numerics;

namespace GpuScheduler.Extender.Decisions;

/// <summary>The rows of a set, one bit each, in their order: <c>foreach (var row in new RowList(bits))</c>.</summary>
internal ref struct RowList(ReadOnlySpan<ulong> rows)
{
    private readonly ReadOnlySpan<ulong> _rows = rows;
    private ulong _rest;
    private int _word = -1;

    /// <summary>The row it is at.</summary>
    public int Current { get; private set; }

    public readonly RowList GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_rest == 0)
        {
            if (++_word >= _rows.Length) return false;
            _rest = _rows[_word];
        }

        Current = (_word * 64) + BitOperations.TrailingZeroCount(_rest);
        _rest &= _rest - 1;
        return true;
    }
}
