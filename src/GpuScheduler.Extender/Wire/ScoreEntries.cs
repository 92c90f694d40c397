using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// The nodes of one page as they stand in an answer to prioritize, each with a comma behind it, and room for two digits in place of the score: an answer
/// is a copy of this in which only scores are written. Never changes.
/// </summary>
internal sealed class ScoreEntries
{
    private readonly byte[] _text;
    private readonly int[] _starts = new int[NodePage.RowCount + 1];

    public ScoreEntries(PageNames names)
    {
        var text = new PooledBuffer();
        for (var row = 0; row < NodePage.RowCount; row++)
        {
            _starts[row] = text.Length;
            var (start, end) = (names.Starts[row], names.Starts[row + 1]);
            if (start == end) continue;
            text.Append("{\"Host\":"u8);
            text.Append(names.Padded[start..(end - 1)]);
            text.Append(AfterName);
        }

        _starts[^1] = text.Length;
        _text = text.Written.ToArray();
        var step = _starts[1];
        Step = Enumerable.Range(0, _starts.Length).All(row => _starts[row] == row * step) ? step : 0;
    }

    /// <summary>What stands behind a name. JSON lets a space stand before a number: so every score is as long.</summary>
    public static ReadOnlySpan<byte> AfterName => ",\"Score\": 0},"u8;

    /// <summary>Where the score begins, counted back from an entry's end.</summary>
    public static int ScoreFromEnd => "00},".Length;

    public ReadOnlyMemory<byte> Text => _text;

    /// <summary>How long every entry is where all rows have one and all are as long, as names with numbers in them mostly are; otherwise 0.</summary>
    public int Step { get; }

    /// <summary>Where the entry of each row begins, and last where the text ends. A row without a node has no bytes.</summary>
    public ReadOnlySpan<int> Starts => _starts;
}
