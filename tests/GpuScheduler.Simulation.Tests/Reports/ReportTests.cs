using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Simulation.Reports;
using GpuScheduler.Simulation.Tests.Replays;

namespace GpuScheduler.Simulation.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("replay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task RunAsync_OutFolder_HoldsEveryReport()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "published.csv"),
            "workload,policy,seeds,alloc_at_100_mean,alloc_at_100_std,alloc_at_end_mean,alloc_at_end_std\nsmall,FGD,10,77.25,0,88.5,0\n");
        var output = new StringWriter();
        var options = new ReplayOptions
        {
            Plan = SmallTrace.Plan with { Policies = ["ResidualValue", "Fgd"] },
            OutFolder = Path.Combine(_folder, "out"),
            JsonFile = Path.Combine(_folder, "results.json"),
            PublishedFolder = _folder,
        };

        await ReplayCommandRunner.RunAsync(options, null, output, default);

        Assert.Equal(
            ["allocation-small.svg", "failed.csv", "fragmentation-small.svg", "results.csv", "results.json", "table.txt"],
            Directory.GetFiles(options.OutFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("(77.25)", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("(88.50)", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_EveryRun_IsOneRecordWithTheDocumentedFields()
    {
        var plan = SmallTrace.Plan with { Policies = ["ResidualValue", "Fgd"] };
        var results = await ReplayRunner.RunAsync(plan, 2, null, default);
        using var stream = new MemoryStream();
        ReplayJson.Write(stream, results);
        using var json = JsonDocument.Parse(stream.ToArray());

        Assert.Equal(4, json.RootElement.GetArrayLength());
        var record = json.RootElement[0];
        Assert.Equal("small", record.GetProperty("workload").GetString());
        Assert.Equal("ResidualValue", record.GetProperty("policy").GetString());
        Assert.Equal(1, record.GetProperty("seed").GetInt32());
        Assert.Equal(results[0].AllocatedAt100, record.GetProperty("alloc_at_100").GetDouble(), 3);
        Assert.Equal(results[0].AllocatedAtEnd, record.GetProperty("alloc_at_end").GetDouble(), 3);
        Assert.Equal(results[0].Allocated.Count, record.GetProperty("alloc").GetArrayLength());
    }

    [Fact]
    public void Plot_ManyCurvesThatEndTogether_IsXmlWithLabelsApart()
    {
        var curves = Enumerable.Range(0, 8).Select(i => new PlotCurve($"policy <{i}>", [(80, 80 + (i * 0.01)), (130, 95 + (i * 0.01))])).ToArray();
        var writer = new StringWriter();

        new CurvePlot("Title & more", "x", "y", curves).Write(writer);

        var texts = XDocument.Parse(writer.ToString()).Descendants().Where(element => element.Name.LocalName == "text").ToArray();
        var labels = texts.Where(text => text.Value.StartsWith("policy", StringComparison.Ordinal))
            .Select(text => double.Parse(text.Attribute("y")!.Value, CultureInfo.InvariantCulture)).Order().ToArray();
        Assert.Equal(8, labels.Length);
        Assert.All(labels.Zip(labels.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 15));
        Assert.InRange(labels[0], 20, 430);
        Assert.InRange(labels[^1], 20, 430);
    }
}
