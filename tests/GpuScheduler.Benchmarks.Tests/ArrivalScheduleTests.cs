using GpuScheduler.LoadTest.Load;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class ArrivalScheduleTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Constant_TenPerSecond_EveryTenthOfASecond()
    {
        var due = ArrivalSchedule.Constant(10, TimeSpan.FromSeconds(1));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 100_000_000L), due);
    }

    [Fact]
    public void Poisson_SameSeed_SameTimes() =>
        Assert.Equal(ArrivalSchedule.Poisson(50, Hour, seed: 7), ArrivalSchedule.Poisson(50, Hour, seed: 7));

    [Fact]
    public void Poisson_OtherSeed_OtherTimes() =>
        Assert.NotEqual(ArrivalSchedule.Poisson(50, Hour, seed: 7), ArrivalSchedule.Poisson(50, Hour, seed: 8));

    [Fact]
    public void Poisson_ManyArrivals_InOrderWithinTheDuration()
    {
        var due = ArrivalSchedule.Poisson(50, Hour, seed: 1);

        Assert.Equal(due.Order(), due);
        Assert.InRange(due[^1], 0, (long)Hour.TotalNanoseconds);
    }

    [Fact]
    public void Poisson_ManyArrivals_GapsVaryAsMuchAsTheyAreLong()
    {
        // The standard deviation of an exponential distribution is its mean.
        var due = ArrivalSchedule.Poisson(50, Hour, seed: 1);
        var gaps = due.Zip(due.Skip(1), (a, b) => (b - a) / 1e9).ToArray();
        var mean = gaps.Average();
        var deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));

        Assert.Equal(1 / 50.0, mean, tolerance: 0.0005);
        Assert.Equal(mean, deviation, tolerance: 0.0005);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Poisson_NoRate_Refused(double rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ArrivalSchedule.Poisson(rate, Hour, seed: 1));
}
