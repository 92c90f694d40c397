using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Load;
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

    [Fact]
    public void ComparisonOf_ThreeRounds_MedianOfTheirRatios()
    {
        var comparison = Comparison.Of("a / b", Measured("a", 2, 6, 3), Measured("b", 1, 2, 2));

        Assert.Equal(new Spread(2, 1.5, 3), comparison.P50);
        Assert.Null(comparison.Cpu);
    }

    [Fact]
    public void Json_Report_NamesNothingOfTheMachineButItsKind()
    {
        var json = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Report(), ReportJson.Default.TestReport));

        Assert.Contains("\"order\": \"scheduler\"", json, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"p99\": 3", json);
        Assert.DoesNotContain("secret-path", json);
    }

    [Fact]
    public void Svg_Report_IsXmlWithALineForEachRoundAndAllTogether()
    {
        var svg = XDocument.Parse(SvgReport.Write(Report()));

        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal(2 * (3 + 1), svg.Descendants(space + "polyline").Count());
        Assert.Contains(svg.Descendants(space + "text"), text => text.Value == "a / b: p50 2.00x, p99 2.00x");
    }

    [Fact]
    public void Text_OthersAtWork_SaysSo()
    {
        Assert.Contains("not to be relied on", TextReport.Write(Report() with { OthersShare = 0.4 }));
        Assert.DoesNotContain("not to be relied on", TextReport.Write(Report() with { OthersShare = 0.01 }));
    }

    private static TestReport Report()
    {
        var (a, b) = (Measured("a", 2, 6, 3), Measured("b", 1, 2, 2));
        return new TestReport
        {
            Title = "filter <quick>",
            Conditions = "4 connections",
            Time = DateTimeOffset.UnixEpoch,
            Machine = new Machine("A processor", 2, ".NET", "Linux"),
            Service = "{}",
            NodeCount = 500,
            Rate = 100,
            Saturation = 200,
            StartMilliseconds = 900,
            BytesIn = 1000,
            Variants = [a, b],
            Comparisons = [Comparison.Of("a / b", a, b)],
            OthersShare = 0,
            Options = new GpuScheduler.LoadTest.LoadOptions
            {
                Server = "/secret-path/server.dll",
                JsonFile = "/secret-path/out.json",
                ServerArguments = [],
                Nodes = 500,
                Load = 0.5,
                Prefix = "/scheduler",
                Names = 500,
                Order = NodeOrder.Scheduler,
                Verb = GpuScheduler.LoadTest.LoadVerb.Filter,
                Rate = null,
                IsConstantRate = false,
                Concurrency = 4,
                Duration = TimeSpan.FromSeconds(1),
                Warmup = TimeSpan.Zero,
                Rounds = 3,
                WithFloor = true,
                WithInlineFloor = false,
                Churn = 0,
                Seed = 1,
            },
        };
    }

    /// <summary>Rounds in which every request took the same time, in milliseconds.</summary>
    private static Variant Measured(string name, params int[] milliseconds)
    {
        var rounds = milliseconds.Select(ms => Enumerable.Repeat(ms * 1_000_000L, 100).ToArray()).ToArray();
        long[] all = [.. rounds.SelectMany(round => round).Order()];
        return new Variant
        {
            Name = name,
            Latency = LatencySummary.Of(rounds[^1]),
            Sorted = all,
            RoundsSorted = rounds,
            Rounds =
            [
                .. rounds.Select(round => new RoundResult
                {
                    Latency = LatencySummary.Of(round),
                    SendDelay = LatencySummary.Of([0]),
                    PerSecond = 100,
                    Count = round.Length,
                    Errors = 0,
                    FirstError = null,
                    Use = null,
                    Churn = null,
                }),
            ],
        };
    }
}
