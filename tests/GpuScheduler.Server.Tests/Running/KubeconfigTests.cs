using System.Text.Json;
using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Tests.Access;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>The commands that look, straight at an API server.</summary>
public sealed class KubeconfigTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-scheduler-kubeconfig-").FullName;
    private FakeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _server.AcceptedTokens = new HashSet<string> { "of-the-kubeconfig" };
        _server.Put(ResourceType.Nodes, """
            {"metadata":{"name":"n1","labels":{"nvidia.com/gpu.product":"NVIDIA-H100-80GB-HBM3"}},
             "status":{"allocatable":{"cpu":"96","memory":"1Ti","pods":"110","nvidia.com/gpu":"8"}}}
            """);
        _server.Put(ResourceType.Pods, Pod("runs", 6, "\"nodeName\":\"n1\","));
        _server.Put(ResourceType.Pods, Pod("waits", 4, ""));
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Explain_WaitingPod_SaysWhyAndWhatWouldHelp()
    {
        var output = await LookAsync("explain", "team-a/waits");

        Assert.StartsWith("Pod team-a/waits (waiting) fits on none of 1 node: 1 Insufficient nvidia.com/gpu", output, StringComparison.Ordinal);
        Assert.Contains("fits on n1 if team-a/runs ended", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_Manifest_IsAnsweredFromTheCluster()
    {
        var manifest = Path.Combine(_folder, "pod.yaml");
        await File.WriteAllTextAsync(manifest, "{kind: Pod, metadata: {name: p}, spec: {containers: [{name: m, resources: {limits: {nvidia.com/gpu: 2}}}]}}");

        Assert.Contains("n1", await LookAsync("explain", manifest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_MemberOfAGang_KnowsTheSizeThatOnlyItsPodGroupSays()
    {
        _server.MoreApis.Add("scheduling.x-k8s.io/v1alpha1");
        _server.Put(
            new ResourceType("scheduling.x-k8s.io", "v1alpha1", "podgroups", "PodGroup", IsNamespaced: true),
            """{"metadata":{"namespace":"team-a","name":"g"},"spec":{"minMember":3}}""");
        _server.Put(ResourceType.Pods, Pod("member", 1, "").Replace("\"team-a\"", "\"team-a\",\"labels\":{\"scheduling.x-k8s.io/pod-group\":\"g\"}", StringComparison.Ordinal));

        Assert.Contains("PodGroup team-a/g: 2 of 3 pods fit at once", await LookAsync("explain", "team-a/member"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_NodesAndNode_ShowTheirGpus()
    {
        Assert.Contains("NVIDIA-H100-80GB-HBM3", await LookAsync("inspect"), StringComparison.Ordinal);
        Assert.Contains("team-a/runs", await LookAsync("inspect", "n1"), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await LookAsync("inspect", "n1", "-o", "json"));
        Assert.Equal(2, json.RootElement.GetProperty("resources").GetProperty("nvidia.com/gpu").GetProperty("free").GetInt32());
    }

    [Fact]
    public async Task Top_Once_ShowsHowFullTheClusterIsAndWhatWaits()
    {
        var output = await LookAsync("top", "--once");

        Assert.Contains("NVIDIA-H100-80GB-HBM3", output, StringComparison.Ordinal);
        Assert.Contains("4", output.Split('\n').Single(line => line.Contains("nvidia.com/gpu", StringComparison.Ordinal) && line.Contains("Insufficient", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyOfThem_Looks_AndWritesNothing()
    {
        await LookAsync("inspect");

        Assert.Equal([("list", "", "nodes"), ("list", "", "pods")], _server.CallsAsRules.Order());
    }

    [Fact]
    public async Task Inspect_TokenThatTheApiServerDoesNotTake_SaysSo()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("inspect", "--kubeconfig", _server.WriteKubeconfig(_folder, "another"));

        Assert.Equal(1, exitCode);
        Assert.Contains("cannot list nodes", error, StringComparison.Ordinal);
        Assert.Contains("Unauthorized", error, StringComparison.Ordinal);
    }

    private static string Pod(string name, int gpus, string spec) => $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"team-a"},"spec":{ {{{spec}}} "schedulerName":"gpu-scheduler",
         "containers":[{"name":"main","resources":{"limits":{"nvidia.com/gpu":"{{{gpus}}}"} } }]},"status":{"phase":"Pending"}}
        """;

    private async Task<string> LookAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await ServerProcess.RunAsync([.. arguments, "--kubeconfig", _server.WriteKubeconfig(_folder, "of-the-kubeconfig")]);
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    }
}
