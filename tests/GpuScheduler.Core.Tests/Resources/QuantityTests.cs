using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Tests.Resources;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("+5", "5")]
    [InlineData("007", "7")]
    [InlineData("5.", "5")]
    [InlineData(".5", "0.5")]
    [InlineData("1n", "0.000000001")]
    [InlineData("1u", "0.000001")]
    [InlineData("1m", "0.001")]
    [InlineData("1k", "1000")]
    [InlineData("1M", "1000000")]
    [InlineData("1G", "1000000000")]
    [InlineData("1T", "1000000000000")]
    [InlineData("1P", "1000000000000000")]
    [InlineData("1E", "1000000000000000000")]
    [InlineData("1Ki", "1024")]
    [InlineData("1Mi", "1048576")]
    [InlineData("1Gi", "1073741824")]
    [InlineData("1Ti", "1099511627776")]
    [InlineData("1Pi", "1125899906842624")]
    [InlineData("1Ei", "1152921504606846976")]
    [InlineData("0.5Ki", "512")]
    [InlineData("1.5Gi", "1610612736")]
    [InlineData("1e3", "1000")]
    [InlineData("1E3", "1000")]
    [InlineData("1e+3", "1000")]
    [InlineData("12e-1", "1.2")]
    [InlineData("0e99999999999", "0")]
    [InlineData("1e-99999999999", "0.000000001")]
    [InlineData("0.0000000001", "0.000000001")]
    [InlineData("1.0000000001", "1.000000001")]
    [InlineData("-0.0000000001", "-0.000000001")]
    [InlineData("-1.5", "-1.5")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775807000m", "9223372036854775807")]
    [InlineData("0.123456789012345678901234Ei", "142335986942043633.765523773")]
    public void Parse_EveryForm_HasItsExactValue(string text, string canonical) =>
        Assert.Equal(canonical, Quantity.Parse(text).ToString());

    [Theory]
    [InlineData("", "empty")]
    [InlineData("-", "no digits")]
    [InlineData(".", "no digits")]
    [InlineData("Ki", "no digits")]
    [InlineData("abc", "no digits")]
    [InlineData("1K", "unknown suffix 'K'")]
    [InlineData("1ki", "unknown suffix 'ki'")]
    [InlineData("1mi", "unknown suffix 'mi'")]
    [InlineData("1i", "unknown suffix 'i'")]
    [InlineData("1KiB", "unknown suffix 'KiB'")]
    [InlineData("1e", "unknown suffix 'e'")]
    [InlineData("1e-", "unknown suffix 'e-'")]
    [InlineData("1E1.1", "unknown suffix 'E1.1'")]
    [InlineData("1.1.1", "unknown suffix '.1'")]
    [InlineData("1 ", "unknown suffix ' '")]
    [InlineData(" 1", "no digits")]
    [InlineData("1,5", "unknown suffix ',5'")]
    [InlineData("٣", "no digits")]
    [InlineData("9223372036854775808", "too large")]
    [InlineData("-9223372036854775808", "too large")]
    [InlineData("8Ei", "too large")]
    [InlineData("10E", "too large")]
    [InlineData("1e19", "too large")]
    [InlineData("1e99999999999", "too large")]
    [InlineData("1234567890123456789012345678901234567", "too many digits")]
    public void TryParse_NoQuantity_SaysWhy(string text, string why)
    {
        Assert.False(Quantity.TryParse(Encoding.UTF8.GetBytes(text), out _, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Quantity.Parse(text));
    }

    [Fact]
    public void TryParse_LongGarbage_IsShownShortened()
    {
        Assert.False(Quantity.TryParse(Encoding.UTF8.GetBytes("1" + new string('x', 5000)), out _, out var problem));
        Assert.InRange(problem!.Length, 1, 400);
    }

    [Theory]
    [InlineData("1500m", 2, 1, 1500, 1500)]
    [InlineData("100u", 1, 0, 1, 0)]
    [InlineData("2", 2, 2, 2000, 2000)]
    [InlineData("-1500m", -1, -2, -1500, -1500)]
    public void CeilingAndFloor_BetweenUnits_RoundApart(string text, long unitsUp, long unitsDown, long milliUp, long milliDown)
    {
        var quantity = Quantity.Parse(text);
        Assert.Equal(
            (unitsUp, unitsDown, milliUp, milliDown),
            (quantity.UnitsCeiling, quantity.UnitsFloor, quantity.MilliCeiling, quantity.MilliFloor));
    }

    [Theory]
    [InlineData("1Mi", 1, 1)]
    [InlineData("1048577", 2, 1)]
    [InlineData("1048575", 1, 0)]
    [InlineData("1G", 954, 953)]
    [InlineData("1Ti", 1048576, 1048576)]
    public void MiB_RequestsRoundUpAndCapacitiesDown(string text, long up, long down)
    {
        var quantity = Quantity.Parse(text);
        Assert.Equal((up, down), (quantity.MiBCeiling, quantity.MiBFloor));
        Assert.Equal(up, ResourceNames.ToColumnUnits("hugepages-2Mi", quantity, isRequest: true));
        Assert.Equal(down, ResourceNames.ToColumnUnits(ResourceNames.EphemeralStorage, quantity, isRequest: false));
    }

    [Fact]
    public void Milli_MoreThanFits_IsTheLargestNumber() =>
        Assert.Equal((long.MaxValue, long.MaxValue), (Quantity.Parse("1E").MilliCeiling, Quantity.Parse("1E").MilliFloor));

    [Fact]
    public void Addition_PastTheLargestQuantity_Overflows()
    {
        var largest = Quantity.Parse("9223372036854775807");
        Assert.Equal("9223372036854775807", (largest + default(Quantity)).ToString());
        Assert.Throws<OverflowException>(() => largest + Quantity.Parse("1n"));
    }

    [Fact]
    public void Addition_OfAnyTwo_IsExact() =>
        Prop.ForAll(
            Gen.Choose(int.MinValue, int.MaxValue).Two().ToArbitrary(),
            pair => Quantity.FromMilli(pair.Item1) + Quantity.FromMilli(pair.Item2) == Quantity.FromMilli((long)pair.Item1 + pair.Item2))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_AnyNumberAndSuffix_EqualsBigIntegerArithmetic() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(QuantityTexts().ToArbitrary(), text =>
        {
            var expected = Nano(text);
            var limit = new BigInteger(long.MaxValue) * 1_000_000_000;
            var parsed = Quantity.TryParse(Encoding.UTF8.GetBytes(text), out var quantity, out _);
            return BigInteger.Abs(expected) > limit
                ? !parsed
                : parsed && quantity.MilliCeiling == (long)BigInteger.Clamp(Ceiling(expected, 1_000_000), long.MinValue, long.MaxValue) && quantity.UnitsFloor == (long)-Ceiling(-expected, 1_000_000_000)
                    && quantity == Quantity.Parse(Decimal(expected));
        }));

    private static Gen<string> QuantityTexts()
    {
        var digits = Gen.Choose(0, 16).SelectMany(count => Gen.ArrayOf(Gen.Elements("0123456789".ToCharArray()), count)).Select(array => new string(array));
        var suffix = Gen.Elements("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e0", "e7", "E-3", "e-12", "e+2");
        return from sign in Gen.Elements("", "-", "+")
               from whole in digits
               from fraction in digits
               from end in suffix
               select $"{sign}{(whole.Length == 0 ? "0" : whole)}{(fraction.Length == 0 ? "" : ".")}{fraction}{end}";
    }

    /// <summary>The specification: the value in nano-units, rounded away from zero, by arithmetic without limits.</summary>
    private static BigInteger Nano(string text)
    {
        var negative = text[0] == '-';
        text = text.TrimStart('-', '+');
        var numberLength = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var number = text[..numberLength];
        var suffix = text[numberLength..];
        var point = number.IndexOf('.');
        var fractionDigits = point < 0 ? 0 : number.Length - point - 1;
        var value = BigInteger.Parse(number.Replace(".", "", StringComparison.Ordinal));
        var exponent = 9 - fractionDigits;
        if (suffix.EndsWith('i')) value *= BigInteger.Pow(1024, "KMGTPE".IndexOf(suffix[0]) + 1);
        else if (suffix.Length > 1) exponent += int.Parse(suffix[1..]);
        else if (suffix.Length == 1) exponent += (3 * "num kMGTPE".IndexOf(suffix[0])) - 9;
        value = exponent >= 0 ? value * BigInteger.Pow(10, exponent) : Ceiling(value, BigInteger.Pow(10, -exponent));
        return negative ? -value : value;
    }

    private static BigInteger Ceiling(BigInteger value, BigInteger divisor) => -BigInteger.Divide(-value - (value > 0 ? divisor - 1 : 0), divisor);

    private static string Decimal(BigInteger nano)
    {
        var magnitude = BigInteger.Abs(nano);
        return $"{(nano < 0 ? "-" : "")}{magnitude / 1_000_000_000}.{(long)(magnitude % 1_000_000_000):D9}";
    }
}
