using System.Numerics;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Extender.Decisions;

/// <summary>Sets of rows, one bit each, 64 to a word.</summary>
internal static class RowBits
{
    /// <summary>How many rows are in the set.</summary>
    public static int Count(ReadOnlySpan<ulong> rows)
    {
        var count = 0;
        foreach (var word in rows) count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>Those of 64 rows whose number is not below <paramref name="least"/>.</summary>
    public static ulong AtLeast(ReadOnlySpan<byte> numbers, byte least)
    {
        var threshold = Vector256.Create(least);
        return VectorBits.Of(
            Vector256.GreaterThanOrEqual(Vector256.Create(numbers), threshold),
            Vector256.GreaterThanOrEqual(Vector256.Create(numbers[Vector256<byte>.Count..]), threshold));
    }

    /// <summary>Those of 64 rows whose number is <paramref name="number"/>.</summary>
    public static ulong Equal(ReadOnlySpan<byte> numbers, byte number)
    {
        var wanted = Vector256.Create(number);
        return VectorBits.Of(
            Vector256.Equals(Vector256.Create(numbers), wanted),
            Vector256.Equals(Vector256.Create(numbers[Vector256<byte>.Count..]), wanted));
    }

    /// <summary>Writes negative infinity over the scores of rows that are not in the set.</summary>
    /// <param name="rows">A word for 64 scores.</param>
    /// <param name="scores">A number per row.</param>
    public static void KeepScores(ReadOnlySpan<ulong> rows, Span<float> scores)
    {
        var never = Vector256.Create(float.NegativeInfinity);
        var lanes = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        for (var word = 0; word < rows.Length; word++)
        {
            if (rows[word] == ulong.MaxValue) continue;
            for (var part = 0; part < 64; part += Vector256<float>.Count)
            {
                var bits = Vector256.Create((int)(rows[word] >> part)) & lanes;
                var eight = scores.Slice((word * 64) + part, Vector256<float>.Count);
                Vector256.ConditionalSelect(Vector256.Equals(bits, lanes).AsSingle(), Vector256.Create<float>(eight), never).CopyTo(eight);
            }
        }
    }
}
