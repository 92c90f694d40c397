using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GpuScheduler.Testing;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Metrics;

/// <summary>What is written about metrics, and what is shipped that asks for them, fits what the service exposes.</summary>
public sealed partial class MetricsReferenceTests
{
    private const string From = "<!-- metrics: written by the tests, see MetricsReferenceTests -->\n";
    private const string To = "<!-- end of metrics -->";

    private static readonly string Rules = Repository.Path("deploy", "monitoring", "alert-rules.yml");

    /// <summary>With <c>GPU_SCHEDULER_UPDATE=1</c> in the environment it repairs the table instead.</summary>
    [Fact]
    public async Task Readme_TableOfMetrics_IsWhatIsExposed()
    {
        var table = new StringBuilder("| metric | type | labels | meaning |\n|---|---|---|---|\n");
        foreach (var family in (await ScrapeAsync()).Families.Where(family => family.Name.StartsWith("gpu_scheduler_", StringComparison.Ordinal)).OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            table.Append($"| `{family.Name}` | {family.Type} | {string.Join(", ", family.Labels)} | {family.Help} |\n");
        }

        var path = Repository.Path("deploy", "monitoring", "README.md");
        var readme = await File.ReadAllTextAsync(path);
        var (from, to) = (readme.IndexOf(From, StringComparison.Ordinal) + From.Length, readme.IndexOf(To, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_UPDATE") == "1") await File.WriteAllTextAsync(path, readme[..from] + table + readme[to..]);
        else Assert.Equal(table.ToString(), readme[from..to]);
    }

    [Fact]
    public async Task Dashboard_EveryMetric_IsExposed()
    {
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Path("deploy", "monitoring", "grafana-dashboard.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        var queries = panels.Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!).ToList();

        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.NotEmpty(queries);
        await AssertExposedAsync(queries);
    }

    [Fact]
    public async Task Alerts_EveryMetric_IsExposed()
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText(Rules)) yaml.Load(text);
        var queries = yaml.Documents[0].AllNodes.OfType<YamlMappingNode>().Where(node => node.Children.ContainsKey("expr"))
            .Select(node => ((YamlScalarNode)node["expr"]).Value!).ToList();

        Assert.NotEmpty(queries);
        await AssertExposedAsync(queries);
    }

    [SkippableFact]
    public async Task Alerts_ByPromtool_AreValid()
    {
        var (exitCode, output) = await PromtoolAsync(["check", "rules", Rules], "");
        Assert.True(exitCode == 0, output);
    }

    [SkippableFact]
    public async Task Scrape_ByPromtool_IsWithoutComplaint()
    {
        await using var service = Everything();
        service.CallAll();

        var (exitCode, output) = await PromtoolAsync(["check", "metrics"], service.Text());

        Assert.True(exitCode == 0 && output.Length == 0, output);
    }

    private static MeasuredService Everything() => new(MakeNode.Named("a").Gpus(8).Model("H100"));

    private static async Task<Exposition> ScrapeAsync()
    {
        await using var service = Everything();
        service.CallAll();
        return service.Scrape();
    }

    private static async Task AssertExposedAsync(List<string> queries)
    {
        var exposed = (await ScrapeAsync()).Names();
        var asked = queries.SelectMany(query => MetricName().Matches(query)).Select(match => match.Value).ToHashSet();
        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(exposed));
    }

    private static async Task<(int ExitCode, string Output)> PromtoolAsync(string[] arguments, string input)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Skip.IfNot(folders.Any(folder => File.Exists(Path.Combine(folder, "promtool"))), "promtool is not on the PATH; Debian has it in the package prometheus");
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 && arguments[1] == "rules" ? "" : await output + await error);
    }

    [GeneratedRegex(@"\b(gpu_scheduler|process|dotnet|kestrel)_[a-z0-9_]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricName();
}
