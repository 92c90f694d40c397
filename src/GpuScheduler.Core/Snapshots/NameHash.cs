using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// A hash of names over chunks of 32 bytes, the last padded with zeros: four words at once, each pair multiplied to 128 bits and folded
/// (the construction of Wang Yi's wyhash). Sums of products would do with half the multiplications, but names that differ in the last byte of
/// two words then come out alike. Node names are chosen by the cluster's administrators, not by those who create pods, so flooding is no concern.
/// </summary>
internal static class NameHash
{
    /// <summary>Bytes that are taken at once.</summary>
    public const int Chunk = 32;

    private const ulong First = 0xA0761D6478BD642F;
    private const ulong Second = 0xE7037ED1A0B428DB;
    private const ulong Third = 0x8EBC6AF09C88C6E3;
    private const ulong Fourth = 0x589965CC75374CC3;

    /// <summary>Ones and then zeros: read from <c>Chunk - n</c> on, it keeps the first n bytes of a chunk.</summary>
    private static ReadOnlySpan<byte> Masks =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The hash of a whole name.</summary>
    public static ulong Of(ReadOnlySpan<byte> name, ulong seed)
    {
        Span<byte> padded = stackalloc byte[Chunk];
        var hash = seed;
        do
        {
            var length = Math.Min(name.Length, Chunk);
            padded.Clear();
            name[..length].CopyTo(padded);
            hash = Of(ref MemoryMarshal.GetReference(padded), length, hash);
            name = name[length..];
        }
        while (name.Length > 0);

        return hash;
    }

    /// <summary>The hash of a name of at most <see cref="Chunk"/> bytes; that many may be read from <paramref name="name"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref byte name, int length, ulong seed)
    {
        ref var mask = ref Unsafe.Add(ref MemoryMarshal.GetReference(Masks), Chunk - length);
        return Fold(Word(ref name, ref mask, 0) ^ seed ^ First, Word(ref name, ref mask, 8) ^ Second)
            ^ Fold(Word(ref name, ref mask, 16) ^ seed ^ Third, Word(ref name, ref mask, 24) ^ Fourth);
    }

    /// <summary>The hash of a name of more than one <see cref="Chunk"/> and at most two; that many may be read from <paramref name="name"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfTwoChunks(ref byte name, int length, ulong seed) =>
        Of(ref Unsafe.Add(ref name, Chunk), length - Chunk, Of(ref name, Chunk, seed));

    /// <summary>Keeps the first <paramref name="length"/> bytes of a chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MaskOf(int length) => Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(Masks), (nuint)(Chunk - length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte name, ref byte mask, int offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref name, offset)) & Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref mask, offset));

    /// <summary>Upper and lower half of a product. Where the processor gives each half by itself, the compiler keeps both in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        if (Bmi2.X64.IsSupported) return Bmi2.X64.MultiplyNoFlags(a, b) ^ (a * b);
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
