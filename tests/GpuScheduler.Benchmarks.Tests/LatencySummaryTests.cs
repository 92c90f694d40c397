using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.LoadTest.Load;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class LatencySummaryTests
{
    [Fact]
    public void Of_OneToThousandMilliseconds_NearestRanks()
    {
        long[] sorted = [.. Enumerable.Range(1, 1000).Select(ms => ms * 1_000_000L)];

        Assert.Equal(new LatencySummary(500, 900, 990, 999, 1000), LatencySummary.Of(sorted));
    }

    [Fact]
    public void Of_One_IsAllPercentiles() => Assert.Equal(new LatencySummary(2, 2, 2, 2, 2), LatencySummary.Of([2_000_000]));

    [Fact]
    public void Of_None_IsZero() => Assert.Equal(new LatencySummary(0, 0, 0, 0, 0), LatencySummary.Of([]));

    [Fact]
    public void Percentile_AnyValues_ThatPartIsNotAboveIt() => Check.QuickThrowOnFailure(Prop.ForAll<NonEmptyArray<int>, byte>((values, percent) =>
    {
        long[] sorted = [.. values.Get.Select(value => (long)value).Order()];
        var part = Math.Min(percent, (byte)100) / 100.0;
        var percentile = LatencySummary.Percentile(sorted, part) * 1e6;
        var notAbove = sorted.Count(value => value <= percentile + 0.5);
        var below = sorted.Count(value => value < percentile - 0.5);
        return notAbove >= (part * sorted.Length) - 1e-6 && below <= part * sorted.Length;
    }));
}
