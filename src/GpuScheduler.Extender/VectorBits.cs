using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Extender;

/// <summary>What came of comparing 64 bytes, half of them in each of two vectors.</summary>
internal static class VectorBits
{
    /// <summary>One bit for each byte, the first the lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(Vector256<byte> low, Vector256<byte> high) =>
        low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << Vector256<byte>.Count);
}
