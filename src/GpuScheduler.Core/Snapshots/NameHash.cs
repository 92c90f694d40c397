using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// A hash of names over chunks of 32 bytes, the last padded with zeros. Where the processor has AES, three rounds of it mix a chunk, which is a
/// few instructions on what the comparison of names has loaded anyway; elsewhere four words are multiplied in pairs to 128 bits and folded (the
/// construction of Wang Yi's wyhash). Which of the two it is stays the same as long as the process runs, and a hash is never kept longer. Node names
/// are chosen by the cluster's administrators, not by those who create pods, so flooding is no concern.
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

    /// <summary>What the hash of a chunk begins with, for a loop to keep in a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> KeyOf(ulong seed) => Vector128.Create(seed ^ First, Second);

    /// <summary>The hash of a name of at most <see cref="Chunk"/> bytes; that many may be read from <paramref name="name"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref byte name, int length, ulong seed) => Of(ref name, length, KeyOf(seed));

    /// <summary>The hash of a name of at most <see cref="Chunk"/> bytes; that many may be read from <paramref name="name"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref byte name, int length, Vector128<ulong> key)
    {
        var chunk = Vector256.LoadUnsafe(ref name) & MaskOf(length);
        if (Aes.IsSupported)
        {
            // A round ends by adding its key: in the first that is the other half of the name. Two rounds more spread each byte over all.
            var mixed = Aes.Encrypt(chunk.GetLower() ^ key.AsByte(), chunk.GetUpper());
            mixed = Aes.Encrypt(mixed, Vector128.Create(Third, Fourth).AsByte());
            return Aes.Encrypt(mixed, Vector128.Create(Fourth, First).AsByte()).AsUInt64().ToScalar();
        }

        var words = chunk.AsUInt64();
        var (first, second) = (key.GetElement(0), key.GetElement(1));
        return Fold(words.GetElement(0) ^ first, words.GetElement(1) ^ second) ^ Fold(words.GetElement(2) ^ first ^ Third, words.GetElement(3) ^ Fourth);
    }

    /// <summary>The hash of a name of more than one <see cref="Chunk"/> and at most two; that many may be read from <paramref name="name"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfTwoChunks(ref byte name, int length, ulong seed) =>
        Of(ref Unsafe.Add(ref name, Chunk), length - Chunk, Of(ref name, Chunk, seed));

    /// <summary>Keeps the first <paramref name="length"/> bytes of a chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MaskOf(int length) => Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(Masks), (nuint)(Chunk - length));

    /// <summary>Upper and lower half of a product.</summary>
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
