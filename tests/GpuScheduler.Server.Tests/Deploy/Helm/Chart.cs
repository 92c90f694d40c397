using System.Diagnostics;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Deploy.Helm;

/// <summary>The Helm chart, rendered by the template engine and function library that Helm uses (<c>render.go</c>).</summary>
internal static class Chart
{
    /// <summary>Where Debian's golang-github-masterminds-sprig-dev lies; elsewhere GOPATH.</summary>
    private const string DebianGoPath = "/usr/share/gocode";

    private static readonly Lazy<string?> Renderer = new(Build);

    public static string Folder { get; } = Repository.Path("deploy", "helm");

    public static YamlMappingNode Values { get; } = Assert.Single(Manifests.Read(Path.Combine(Folder, "values.yaml")));

    public static YamlMappingNode Metadata { get; } = Assert.Single(Manifests.Read(Path.Combine(Folder, "Chart.yaml")));

    /// <summary>The objects that the chart makes of its default values and these changes; a skipped test where it cannot be rendered.</summary>
    /// <param name="changes">Each <c>path.to.value=JSON</c>.</param>
    /// <param name="kubeVersion">The cluster's version.</param>
    /// <param name="releaseNamespace">Where it is installed.</param>
    public static IReadOnlyList<YamlMappingNode> Render(string[]? changes = null, string kubeVersion = "v1.36.2", string releaseNamespace = "gpu-scheduler")
    {
        Skip.If(Renderer.Value is null, "no Go with github.com/Masterminds/sprig at hand (Debian: golang-go golang-github-masterminds-sprig-dev)");
        var values = (JsonObject)YamlJson.Convert(Values)!;
        foreach (var change in changes ?? [])
        {
            var at = change.IndexOf('=', StringComparison.Ordinal);
            var path = change[..at].Split('.');
            path[..^1].Aggregate(values, (map, key) => map[key]!.AsObject())[path[^1]] = JsonNode.Parse(change[(at + 1)..]);
        }

        var request = new JsonObject
        {
            ["chart"] = Folder,
            ["values"] = values,
            ["kubeVersion"] = kubeVersion,
            ["namespace"] = releaseNamespace,
            ["chartMetadata"] = new JsonObject { ["AppVersion"] = Metadata.Text("appVersion"), ["Version"] = Metadata.Text("version") },
        };
        var (exitCode, output, error) = Run(Renderer.Value!, [], request.ToJsonString());
        Assert.True(exitCode == 0, error);
        var stream = new YamlStream();
        stream.Load(new StringReader(output));
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    private static string? Build()
    {
        var binary = Path.Combine(AppContext.BaseDirectory, "helm-render");
        try
        {
            return Run("go", ["build", "-o", binary, Repository.Path("tests", "GpuScheduler.Server.Tests", "Deploy", "Helm", "render.go")], "").ExitCode == 0 ? binary : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no Go here
        }
    }

    private static (int ExitCode, string Output, string Error) Run(string program, IEnumerable<string> arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOFLAGS"] = "";
        if (Directory.Exists(DebianGoPath)) start.Environment["GOPATH"] = DebianGoPath;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
