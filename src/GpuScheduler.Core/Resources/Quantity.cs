using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace GpuScheduler.Core.Resources;

/// <summary>
/// A Kubernetes quantity, held exactly as a whole number of nano-units (10⁻⁹).
/// Grammar and rounding follow <c>staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go</c>: a decimal number with one of the
/// suffixes <c>n u m k M G T P E</c>, <c>Ki Mi Gi Ti Pi Ei</c> or an exponent <c>e5</c>/<c>E5</c>; anything finer than a nano-unit rounds up
/// (away from zero). Unlike Kubernetes, which silently caps at 2⁶³−1, a larger magnitude is an error here.
/// </summary>
public readonly record struct Quantity : IComparable<Quantity>
{
    private const long NanoPerUnit = 1_000_000_000;
    private const long NanoPerMilli = 1_000_000;
    private const long BytesPerMiB = 1 << 20;

    /// <summary>The largest magnitude a quantity may have, in nano-units: 2⁶³−1 units.</summary>
    internal static readonly Int128 MaxNano = (Int128)long.MaxValue * NanoPerUnit;

    private readonly Int128 _nano;

    internal Quantity(Int128 nano) => _nano = nano;

    /// <summary>Less than zero; such a quantity is never a valid request or capacity.</summary>
    public bool IsNegative => _nano < 0;

    /// <summary>A quantity of whole units.</summary>
    public static Quantity FromUnits(long units) => new((Int128)units * NanoPerUnit);

    /// <summary>A quantity of thousandths.</summary>
    public static Quantity FromMilli(long milli) => new((Int128)milli * NanoPerMilli);

    /// <summary>A quantity of mebibytes.</summary>
    public static Quantity FromMiB(long mebibytes) => new((Int128)mebibytes * BytesPerMiB * NanoPerUnit);

    /// <summary>Whole units, rounded up: how Kubernetes reads a request (<c>Quantity.Value</c>).</summary>
    public long UnitsCeiling => Ceiling(NanoPerUnit);

    /// <summary>Whole units, rounded down: what of a capacity can be used.</summary>
    public long UnitsFloor => Floor(NanoPerUnit);

    /// <summary>Thousandths, rounded up (<c>Quantity.MilliValue</c>); 2⁶³−1 when there are more.</summary>
    public long MilliCeiling => Ceiling(NanoPerMilli);

    /// <summary>Thousandths, rounded down; 2⁶³−1 when there are more.</summary>
    public long MilliFloor => Floor(NanoPerMilli);

    /// <summary>Mebibytes (2²⁰ units), rounded up.</summary>
    public long MiBCeiling => Ceiling((Int128)BytesPerMiB * NanoPerUnit);

    /// <summary>Mebibytes (2²⁰ units), rounded down.</summary>
    public long MiBFloor => Floor((Int128)BytesPerMiB * NanoPerUnit);

    /// <summary>Reads a quantity from text.</summary>
    /// <exception cref="FormatException">The text is not a quantity, or its magnitude exceeds 2⁶³−1.</exception>
    public static Quantity Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads a quantity from UTF-8 text.</summary>
    /// <exception cref="FormatException">The text is not a quantity, or its magnitude exceeds 2⁶³−1.</exception>
    public static Quantity Parse(ReadOnlySpan<byte> utf8) =>
        TryParse(utf8, out var quantity, out var problem) ? quantity : throw new FormatException(problem);

    /// <summary>Reads a quantity from UTF-8 text; false with a sentence that says what is wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Quantity quantity, [NotNullWhen(false)] out string? problem) =>
        QuantityParser.TryParse(utf8, out quantity, out problem);

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => _nano.CompareTo(other._nano);

    /// <summary>The exact sum.</summary>
    /// <exception cref="OverflowException">Its magnitude exceeds 2⁶³−1.</exception>
    public static Quantity operator +(Quantity left, Quantity right)
    {
        // Two magnitudes of at most 2⁶³ · 10⁹ cannot overflow 128 bits.
        var nano = left._nano + right._nano;
        return Int128.Abs(nano) <= MaxNano ? new Quantity(nano)
            : throw new OverflowException("a quantity is at most 9223372036854775807");
    }

    /// <inheritdoc cref="op_Addition"/>
    public static Quantity Add(Quantity left, Quantity right) => left + right;

    public static bool operator <(Quantity left, Quantity right) => left._nano < right._nano;

    public static bool operator >(Quantity left, Quantity right) => left._nano > right._nano;

    public static bool operator <=(Quantity left, Quantity right) => left._nano <= right._nano;

    public static bool operator >=(Quantity left, Quantity right) => left._nano >= right._nano;

    /// <summary>The canonical decimal text of the value in units, e.g. <c>1.5</c>; for messages, not for the API.</summary>
    public override string ToString()
    {
        var whole = _nano / NanoPerUnit;
        var fraction = (long)Int128.Abs(_nano % NanoPerUnit);
        if (fraction == 0) return whole.ToString();
        var sign = _nano < 0 && whole == 0 ? "-" : "";
        return $"{sign}{whole}.{fraction:D9}".TrimEnd('0');
    }

    private long Ceiling(Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(_nano, divisor);
        return Saturate(remainder > 0 ? quotient + 1 : quotient);
    }

    private long Floor(Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(_nano, divisor);
        return Saturate(remainder < 0 ? quotient - 1 : quotient);
    }

    /// <summary>Thousandths of more than 2⁶³/1000 units do not fit; the largest number stands for them, as in Kubernetes.</summary>
    private static long Saturate(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);
}
