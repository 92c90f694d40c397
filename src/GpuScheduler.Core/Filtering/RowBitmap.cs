using System.Numerics;
using System.Runtime.Intrinsics;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Filtering;

/// <summary>Comparisons of a whole column of a page, one bit per row, into <see cref="NodePage.BitmapWords"/> words.</summary>
internal static class RowBitmap
{
    /// <summary>Clears the bits of rows whose value is below <paramref name="least"/>.</summary>
    public static void KeepAtLeast(Span<ulong> bits, ReadOnlySpan<int> column, int least)
    {
        var threshold = Vector256.Create(least);
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            if (bits[word] == 0) continue;
            ulong keep = 0;
            for (var part = 0; part < 64; part += Vector256<int>.Count)
            {
                var values = Vector256.Create(column.Slice((word * 64) + part, Vector256<int>.Count));
                keep |= (ulong)Vector256.GreaterThanOrEqual(values, threshold).ExtractMostSignificantBits() << part;
            }

            bits[word] &= keep;
        }
    }

    /// <summary>Clears the bits of rows whose value is not 0 and below <paramref name="least"/>, going by <paramref name="unless"/> being 0.</summary>
    public static void KeepAtLeastUnlessZero(Span<ulong> bits, ReadOnlySpan<int> column, int least, ReadOnlySpan<int> unless)
    {
        var threshold = Vector256.Create(least);
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            if (bits[word] == 0) continue;
            ulong keep = 0;
            for (var part = 0; part < 64; part += Vector256<int>.Count)
            {
                var at = (word * 64) + part;
                var enough = Vector256.GreaterThanOrEqual(Vector256.Create(column.Slice(at, Vector256<int>.Count)), threshold);
                var exempt = Vector256.Equals(Vector256.Create(unless.Slice(at, Vector256<int>.Count)), Vector256<int>.Zero);
                keep |= (ulong)(enough | exempt).ExtractMostSignificantBits() << part;
            }

            bits[word] &= keep;
        }
    }

    /// <summary>Clears the bits of rows whose value has any of the bits of <paramref name="mask"/>.</summary>
    public static void KeepClear(Span<ulong> bits, ReadOnlySpan<int> column, int mask)
    {
        var masks = Vector256.Create(mask);
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            if (bits[word] == 0) continue;
            ulong keep = 0;
            for (var part = 0; part < 64; part += Vector256<int>.Count)
            {
                var values = Vector256.Create(column.Slice((word * 64) + part, Vector256<int>.Count));
                keep |= (ulong)Vector256.Equals(values & masks, Vector256<int>.Zero).ExtractMostSignificantBits() << part;
            }

            bits[word] &= keep;
        }
    }

    /// <summary>Clears the bits of rows whose value is another than <paramref name="value"/>.</summary>
    public static void KeepEqual(Span<ulong> bits, ReadOnlySpan<int> column, int value)
    {
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            if (bits[word] != 0) bits[word] &= EqualBits(column.Slice(word * 64, 64), value);
        }
    }

    /// <summary>Clears the bits of rows whose value is <paramref name="value"/>.</summary>
    public static void KeepUnequal(Span<ulong> bits, ReadOnlySpan<int> column, int value)
    {
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            if (bits[word] != 0) bits[word] &= ~EqualBits(column.Slice(word * 64, 64), value);
        }
    }

    /// <summary>Clears the bits of rows whose id is not allowed.</summary>
    public static void KeepAllowed(Span<ulong> bits, ReadOnlySpan<int> ids, ReadOnlySpan<bool> allowed)
    {
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                if (!allowed[ids[(word * 64) + bit]]) bits[word] &= ~(1UL << bit);
            }
        }
    }

    /// <summary>Whether the bit of a row is set.</summary>
    public static bool IsSet(ReadOnlySpan<ulong> bits, int rowInPage) => (bits[rowInPage >> 6] >> (rowInPage & 63) & 1) != 0;

    private static ulong EqualBits(ReadOnlySpan<int> values, int value)
    {
        var wanted = Vector256.Create(value);
        ulong equal = 0;
        for (var part = 0; part < values.Length; part += Vector256<int>.Count)
        {
            equal |= (ulong)Vector256.Equals(Vector256.Create(values.Slice(part, Vector256<int>.Count)), wanted).ExtractMostSignificantBits() << part;
        }

        return equal;
    }
}
