using System.Text.Json;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>The commands that look, against a running service and against a file: the same answers.</summary>
public sealed class CliTests(ExplainedService service) : IClassFixture<ExplainedService>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-scheduler-").FullName;

    [Fact]
    public async Task Explain_WaitingPod_SaysWhatWouldHelp()
    {
        var (exitCode, output, error) = await LookAsync("explain", "team-a/w1");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("Pod team-a/w1 (waiting) fits on none of 3 nodes", output, StringComparison.Ordinal);
        Assert.Contains("  * fits on h100-07 if team-a/notebook-3 ended\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task Explain_FileOnAFile_SaysTheSameAsTheService()
    {
        var manifest = Path.Combine(_folder, "pod.yaml");
        await File.WriteAllTextAsync(manifest, "{kind: Pod, metadata: {name: p}, spec: {containers: [{name: m, resources: {limits: {nvidia.com/gpu: 1}}}]}}");
        var snapshot = Path.Combine(_folder, "cluster.json");
        await File.WriteAllTextAsync(snapshot, await service.Process.Client.GetStringAsync("/api/v1/snapshot"));

        var (_, fromService, _) = await LookAsync("explain", manifest);
        var (exitCode, fromFile, error) = await ServerProcess.RunAsync("explain", manifest, "--cluster", $"file:{snapshot}");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(fromService, fromFile);
        Assert.Contains("What would help", fromFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_Nodes_DrawsAMarkPerGpu()
    {
        var (exitCode, output, _) = await LookAsync("inspect", "-o", "wide");
        Assert.Equal(0, exitCode);
        var line = output.Split('\n').Single(text => text.StartsWith("h100-07", StringComparison.Ordinal));
        Assert.Contains("██", line, StringComparison.Ordinal);
        Assert.Contains("big", line, StringComparison.Ordinal);
        Assert.Contains("dedicated=team-b:NoSchedule", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_Node_ListsItsDevicesAndPods()
    {
        var (exitCode, output, _) = await LookAsync("inspect", "h100-07");
        Assert.Equal(0, exitCode);
        Assert.Contains("NVIDIA-H100-80GB-HBM3", output, StringComparison.Ordinal);
        Assert.Contains("team-a/notebook-3", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_AsJsonAndYaml_IsTheServicesAnswer()
    {
        var (_, json, _) = await LookAsync("inspect", "h100-07", "-o", "json");
        using var document = JsonDocument.Parse(json);
        Assert.Equal("h100-07", document.RootElement.GetProperty("name").GetString());
        var (_, yaml, _) = await LookAsync("inspect", "h100-07", "-o", "yaml");
        Assert.Contains("\nname: h100-07\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\ntopology: {}\n", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_NotOnATerminal_PrintsOnce()
    {
        var (exitCode, output, _) = await LookAsync("top");
        Assert.Equal(0, exitCode);
        Assert.Contains("2 pods waiting", output, StringComparison.Ordinal);
        Assert.Contains("NVIDIA-H100-80GB-HBM3", output, StringComparison.Ordinal);
        Assert.Contains("2 Insufficient nvidia.com/gpu", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain team-a/nobody", "pod 'team-a/nobody' is not known")]
    [InlineData("explain no-such.yaml", "there is no file 'no-such.yaml'")]
    [InlineData("inspect nowhere", "node 'nowhere' is not in the snapshot")]
    [InlineData("top --cluster file:x.json", "--server goes with none of")]
    public async Task Look_AtWhatIsNotThere_EndsWithOneAndSaysWhy(string arguments, string expected)
    {
        var (exitCode, output, error) = await LookAsync(arguments.Split(' '));
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_WithoutAService_SaysWhatToDo()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("inspect", "--server", "http://127.0.0.1:1");
        Assert.Equal(1, exitCode);
        Assert.Contains("no gpu-scheduler answers at http://127.0.0.1:1", error, StringComparison.Ordinal);
        Assert.Contains("--kubeconfig", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_AtAKubeconfigThatIsNotThere_SaysSo()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("inspect", "--kubeconfig", Path.Combine(_folder, "none"));
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: cannot use the Kubernetes cluster: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -F _gpu_scheduler gpu-scheduler")]
    [InlineData("zsh", "compdef _gpu_scheduler gpu-scheduler")]
    [InlineData("fish", "complete -c gpu-scheduler")]
    public async Task Completion_OfAShell_IsAScript(string shell, string expected) =>
        Assert.Contains(expected, (await ServerProcess.RunAsync("completion", shell)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Completion_OfAWordBegun_OffersCommandsAndOptions()
    {
        var (_, commands, _) = await ServerProcess.RunAsync("[suggest:17]", "gpu-scheduler ins");
        Assert.Equal("inspect", commands.Trim());
        var (_, options, _) = await ServerProcess.RunAsync("[suggest:25]", "gpu-scheduler explain --k");
        Assert.Equal("--kubeconfig", options.Trim());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<(int ExitCode, string Output, string Error)> LookAsync(params IEnumerable<string> arguments) =>
        ServerProcess.RunAsync([.. arguments, "--server", service.Process.Client.BaseAddress!.ToString()]);
}
