using System.Text;
using GpuScheduler.LoadTest.Reports;
using GpuScheduler.LoadTest.Targets;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class ReportTests
{
    [Fact]
    public void SpreadOf_OddNumber_MedianAndEnds() => Assert.Equal(new Spread(3, 1, 9), Spread.Of([9, 1, 3]));

    [Fact]
    public void RuntimeParse_SomeNumbersMissing_TheseAreZero()
    {
        var report = RuntimeReport.Parse(Encoding.UTF8.GetBytes("""{"gen2Collections":3,"gcPauseMilliseconds":4.5,"other":"x"}"""))!;

        Assert.Equal((0, 3, 4.5), (report.Gen0, report.Gen2, report.PauseMilliseconds));
    }
}
