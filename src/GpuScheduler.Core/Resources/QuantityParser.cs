using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;

namespace GpuScheduler.Core.Resources;

/// <summary>The grammar of <see cref="Quantity"/>: sign, digits with an optional point, suffix.</summary>
internal static class QuantityParser
{
    /// <summary>More digits than this cannot be told apart from overflow or from less than a nano-unit; Kubernetes allows them, nobody writes them.</summary>
    private const int MaxDigits = 36;

    /// <summary>Up to here 2⁶⁰ times the mantissa fits 128 bits.</summary>
    private const long MaxExactMantissa = 1_000_000_000_000_000_000;

    public static bool TryParse(ReadOnlySpan<byte> text, out Quantity quantity, [NotNullWhen(false)] out string? problem)
    {
        quantity = default;
        if (text.IsEmpty)
        {
            problem = "a quantity must not be empty";
            return false;
        }

        var at = 0;
        var negative = text[0] == '-';
        if (text[0] is (byte)'-' or (byte)'+') at++;

        if (!TryReadNumber(text, ref at, out var mantissa, out var fractionDigits))
        {
            problem = $"'{Show(text)}' is not a quantity: it has {(fractionDigits < 0 ? "too many digits" : "no digits")}";
            return false;
        }

        if (!TryReadSuffix(text[at..], out var decimalExponent, out var binaryShift))
        {
            problem = $"'{Show(text)}' is not a quantity: unknown suffix '{Show(text[at..])}' (use n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent)";
            return false;
        }

        if (!TryScale(mantissa, decimalExponent - fractionDigits + 9, binaryShift, out var nano))
        {
            problem = $"'{Show(text)}' is too large: a quantity is at most 9223372036854775807";
            return false;
        }

        quantity = new Quantity(negative ? -nano : nano);
        problem = null;
        return true;
    }

    /// <summary>Digits with at most one point; at least one digit. <paramref name="fractionDigits"/> is -1 when there were too many.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> text, ref int at, out Int128 mantissa, out int fractionDigits)
    {
        mantissa = 0;
        fractionDigits = 0;
        int significant = 0, digits = 0;
        var afterPoint = false;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '.')
            {
                if (afterPoint) break;
                afterPoint = true;
                continue;
            }

            if (c is < (byte)'0' or > (byte)'9') break;
            digits++;
            if (mantissa != 0 || c != '0') significant++;
            if (significant > MaxDigits)
            {
                fractionDigits = -1;
                return false;
            }

            mantissa = (mantissa * 10) + (c - '0');
            if (afterPoint) fractionDigits++;
        }

        return digits > 0;
    }

    private static bool TryReadSuffix(ReadOnlySpan<byte> suffix, out int decimalExponent, out int binaryShift)
    {
        decimalExponent = 0;
        binaryShift = 0;
        if (suffix.IsEmpty) return true;
        if (suffix.Length == 2 && suffix[1] == 'i')
        {
            var power = "KMGTPE"u8.IndexOf(suffix[0]);
            binaryShift = 10 * (power + 1);
            return power >= 0;
        }

        if (suffix.Length == 1)
        {
            switch (suffix[0])
            {
                case (byte)'n': decimalExponent = -9; return true;
                case (byte)'u': decimalExponent = -6; return true;
                case (byte)'m': decimalExponent = -3; return true;
                case (byte)'k': decimalExponent = 3; return true;
                case (byte)'M': decimalExponent = 6; return true;
                case (byte)'G': decimalExponent = 9; return true;
                case (byte)'T': decimalExponent = 12; return true;
                case (byte)'P': decimalExponent = 15; return true;
                case (byte)'E': decimalExponent = 18; return true;
                default: return false;
            }
        }

        return suffix[0] is (byte)'e' or (byte)'E' && TryReadExponent(suffix[1..], out decimalExponent);
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        var negative = text[0] == '-';
        var digits = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (digits.IsEmpty) return false;
        foreach (var c in digits)
        {
            if (c is < (byte)'0' or > (byte)'9') return false;
            exponent = Math.Min((exponent * 10) + (c - '0'), 10_000);
        }

        if (negative) exponent = -exponent;
        return true;
    }

    /// <summary>mantissa · 10^exponent10 · 2^shift, rounded up to a whole number; false above <see cref="Quantity.MaxNano"/>.</summary>
    private static bool TryScale(Int128 mantissa, int exponent10, int shift, out Int128 value)
    {
        value = mantissa;
        if (mantissa == 0) return true;
        if (mantissa > MaxExactMantissa) return TryScaleLong(mantissa, exponent10, shift, out value);

        // Division comes last, so that 0.5Ki is exactly 512.
        for (var i = 0; i < shift; i++)
        {
            if (value > Int128.MaxValue >> 1) return false;
            value <<= 1;
        }

        for (; exponent10 > 0; exponent10--)
        {
            if (value > Quantity.MaxNano) return false;
            value *= 10;
        }

        var inexact = false;
        for (; exponent10 < 0 && value != 0; exponent10++)
        {
            (value, var digit) = Int128.DivRem(value, 10);
            inexact |= digit != 0;
        }

        if (inexact) value++;
        return value <= Quantity.MaxNano;
    }

    /// <summary>The same for a mantissa of 19 to 36 digits, whose product may not fit 128 bits.</summary>
    private static bool TryScaleLong(Int128 mantissa, int exponent10, int shift, out Int128 value)
    {
        value = 1;
        if (exponent10 < -60) return true; // less than one: 10³⁶ · 2⁶⁰ < 10⁶⁰
        if (exponent10 > 9) return false; // 10¹⁸ · 10¹⁰ exceeds the limit

        var scaled = (BigInteger)mantissa << shift;
        if (exponent10 >= 0)
        {
            scaled *= BigInteger.Pow(10, exponent10);
        }
        else
        {
            scaled = BigInteger.DivRem(scaled, BigInteger.Pow(10, -exponent10), out var remainder);
            if (!remainder.IsZero) scaled++;
        }

        if (scaled > Quantity.MaxNano) return false;
        value = (Int128)scaled;
        return true;
    }

    private static string Show(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text.Length > 64 ? text[..64] : text) + (text.Length > 64 ? "..." : "");
}
