using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Extender.Wire;

/// <summary>What a reader of names must see of 64 bytes of text, one bit each.</summary>
/// <param name="Quotes">Quotes.</param>
/// <param name="Commas">Commas.</param>
/// <param name="Odd">What is in no plain string: escapes and control characters, white space among them.</param>
internal readonly record struct ListText(ulong Quotes, ulong Commas, ulong Odd)
{
    /// <summary>Looks at the first 64 bytes of a text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ListText Read(ReadOnlySpan<byte> text)
    {
        var low = Vector256.Create(text);
        var high = Vector256.Create(text[Vector256<byte>.Count..]);
        return new ListText(
            VectorBits.Of(Vector256.Equals(low, Vector256.Create((byte)'"')), Vector256.Equals(high, Vector256.Create((byte)'"'))),
            VectorBits.Of(Vector256.Equals(low, Vector256.Create((byte)',')), Vector256.Equals(high, Vector256.Create((byte)','))),
            VectorBits.Of(IsOdd(low), IsOdd(high)));
    }

    private static Vector256<byte> IsOdd(Vector256<byte> text) =>
        Vector256.Equals(text, Vector256.Create((byte)'\\')) | Vector256.LessThan(text, Vector256.Create((byte)' '));
}
