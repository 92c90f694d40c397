using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Reads an array of names as Go writes it, without a space between them and without an escape: the quotes are found 64 bytes at a time, and
/// the names between them in one go. Used by one call at a time.
/// </summary>
internal sealed class NameList
{
    /// <summary>So much of the body is looked at before its names are looked up: what has just been read is still in the nearest cache then.</summary>
    private const int Window = 8 * 1024;

    private const int Step = 64;

    // Every byte of a window may be a quote; one may be left from the window before, and as many places are written at once as a word has bits.
    private int[] _quotes = [];
    private int[] _rows = [];
    private int _count;
    private int _end;

    // Of the text so far: all ones within a name, one directly behind a name, one directly behind a comma.
    private ulong _isInName;
    private ulong _isBehindName;
    private ulong _isBehindComma;

    /// <summary>Reads the names up to the end of the array.</summary>
    /// <param name="padded">The body, and behind it <see cref="NameIndex.Reach"/> bytes or more of anything.</param>
    /// <param name="length">How long the body is.</param>
    /// <param name="start">Where the first name's quote is.</param>
    /// <param name="names">The nodes there are.</param>
    /// <param name="asked">Receives the nodes named.</param>
    /// <returns>Where the array's closing bracket is; -1 when it is written in another way.</returns>
    public int Read(ReadOnlySpan<byte> padded, int length, int start, NameIndex names, AskedNodes asked)
    {
        if (_quotes.Length == 0) (_quotes, _rows) = (new int[Window + 1 + Step], new int[(Window / 2) + 1]);
        (_count, _isInName, _isBehindName, _isBehindComma, _end) = (0, 0, 0, 0, -1);
        for (var at = start; at < length; at += Window)
        {
            if (!FindQuotes(padded, at, Math.Min(at + Window, length))) return -1;
            TakePairs(padded, names, asked);
            if (_end >= 0) return _end;
        }

        return -1;
    }

    /// <summary>Notes down where quotes are, up to the end of the array; false when there is anything but plain names with a comma between them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FindQuotes(ReadOnlySpan<byte> padded, int from, int to)
    {
        var quotes = _quotes;
        var (count, isInName, isBehindName, isBehindComma) = (_count, _isInName, _isBehindName, _isBehindComma);
        for (var at = from; at < to && _end < 0; at += Step)
        {
            // One bit per byte. What lies behind the end is not the body's.
            var ours = at + Step > to ? (1UL << (to - at)) - 1 : ulong.MaxValue;
            var text = ListText.Read(padded[at..]);
            var found = text.Quotes & ours;
            var inNames = EveryOther(found) ^ isInName;
            var (opening, closing, between) = (found & inNames, found & ~inNames, ~(inNames | found) & ours);
            var commas = text.Commas & between;
            var wrong = text.Odd | (((closing << 1) | isBehindName) & ~between) | (((commas << 1) | isBehindComma) & ~opening);
            if (commas != between)
            {
                // The first that is neither a name nor a comma ends the list; what comes behind it is another's.
                var end = BitOperations.TrailingZeroCount(between & ~commas);
                if (padded[at + end] != (byte)']') return false;
                _end = at + end;
                found &= (1UL << end) - 1;
                wrong &= (2UL << end) - 1;
            }

            if ((wrong & ours) != 0) return false;
            isInName = (ulong)((long)inNames >> (Step - 1));
            isBehindName = closing >> (Step - 1);
            isBehindComma = commas >> (Step - 1);

            // Eight at once, more than mostly are there, and then those that are counted: no branch that depends on how many.
            ref var next = ref MemoryMarshal.GetReference(quotes.AsSpan(count, Step));
            count += BitOperations.PopCount(found);
            for (; found != 0; next = ref Unsafe.Add(ref next, 8))
            {
                Unsafe.Add(ref next, 0) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 1) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 2) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 3) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 4) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 5) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 6) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                Unsafe.Add(ref next, 7) = at + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
            }
        }

        (_count, _isInName, _isBehindName, _isBehindComma) = (count, isInName, isBehindName, isBehindComma);
        return true;
    }

    /// <summary>All ones from each odd bit that is set (the first, the third, ...) up to the next.</summary>
    private static ulong EveryOther(ulong bits)
    {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    /// <summary>Looks up the names whose quotes have both been found.</summary>
    private void TakePairs(ReadOnlySpan<byte> padded, NameIndex names, AskedNodes asked)
    {
        var quotes = _quotes.AsSpan(0, _count & ~1);
        var rows = _rows.AsSpan(0, quotes.Length / 2);
        names.FindAll(padded, quotes, rows);
        if (!asked.AddAll(rows)) AddOthers(padded, quotes, rows, names, asked);

        // The first quote of a name that the window cut.
        var isCut = (_count & 1) != 0;
        if (isCut) _quotes[0] = _quotes[_count - 1];
        _count = isCut ? 1 : 0;
    }

    private static void AddOthers(ReadOnlySpan<byte> padded, ReadOnlySpan<int> quotes, ReadOnlySpan<int> rows, NameIndex names, AskedNodes asked)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] >= 0) continue;
            var (open, close) = (quotes[2 * i], quotes[(2 * i) + 1]);
            var name = padded[(open + 1)..close];
            if (names.Find(name) is { } node) asked.Add(node.Row);
            else asked.AddOther(Encoding.UTF8.GetString(name), open, close + 1);
        }
    }
}
