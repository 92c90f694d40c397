using System.Text.Json;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>Pods that wait for their gang are told so, by the service and by the command line.</summary>
public sealed class ExplainGangTests : IAsyncLifetime
{
    private const string Cluster =
        """
        apiVersion: v1
        kind: List
        items:
        - {kind: Node, metadata: {name: a}, status: {allocatable: {cpu: 64, memory: 512Gi, pods: 110, nvidia.com/gpu: 2}}}
        - {kind: Node, metadata: {name: b}, status: {allocatable: {cpu: 64, memory: 512Gi, pods: 110, nvidia.com/gpu: 2}}}
        - {kind: Pod, metadata: {name: train-0, namespace: ml, uid: u0, labels: {gpu-scheduler.io/gang: train}, annotations: {gpu-scheduler.io/gang-size: "3"}}, spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 2}}}]}}
        - {kind: Pod, metadata: {name: train-1, namespace: ml, uid: u1, labels: {gpu-scheduler.io/gang: train}, annotations: {gpu-scheduler.io/gang-size: "3"}}, spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 2}}}]}}
        - {kind: Pod, metadata: {name: train-2, namespace: ml, uid: u2, labels: {gpu-scheduler.io/gang: train}, annotations: {gpu-scheduler.io/gang-size: "3"}}, spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 2}}}]}}
        - {kind: Pod, metadata: {name: alone, namespace: ml, uid: u3}, spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 2}}}]}}
        """;

    private const string Reason = "gang ml/train: 2 of 3 pods fit at once, no room for 1 more with nvidia.com/gpu=2";

    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-scheduler-").FullName;
    private ServerProcess _process = null!;

    private string File => Path.Combine(_folder, "cluster.yaml");

    public async Task InitializeAsync()
    {
        await System.IO.File.WriteAllTextAsync(File, Cluster);
        _process = await ServerProcess.StartAsync("serve", "--cluster", $"file:{File}");
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Pods_OfAGangThatDoesNotFit_AreToldItsReasonEverywhere()
    {
        var pod = await GetAsync("/api/v1/pods/ml/train-1");
        Assert.Equal((Reason, 0), (pod.GetProperty("summary").GetString(), pod.GetProperty("feasible").GetInt32()));
        Assert.Equal(Reason, pod.GetProperty("reasons")[0].GetProperty("reason").GetString());
        Assert.Equal(2, pod.GetProperty("reasons")[0].GetProperty("nodes").GetInt32());

        // The pod beside it asks for the same and waits for nobody.
        var groups = (await GetAsync("/api/v1/waiting")).GetProperty("groups").EnumerateArray();
        Assert.Equal(
            [(3, Reason, 0), (1, "fits on 2 of 2 nodes", 2)],
            groups.Select(group => (group.GetProperty("pods").GetInt32(), group.GetProperty("summary").GetString(), group.GetProperty("feasible").GetInt32())));

        var listed = (await GetAsync("/api/v1/pods")).GetProperty("items").EnumerateArray();
        Assert.Equal([2, 0, 0, 0], listed.Select(item => item.GetProperty("feasible").GetInt32()));

        var (_, asked, _) = await ServerProcess.RunAsync("explain", "ml/train-1", "--server", _process.Client.BaseAddress!.ToString());
        Assert.StartsWith($"Pod ml/train-1 (waiting) {Reason}\n", asked, StringComparison.Ordinal);
        var (_, local, _) = await ServerProcess.RunAsync("explain", "ml/train-1", "--cluster", $"file:{File}");
        Assert.Equal(asked, local);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var json = JsonDocument.Parse(await _process.Client.GetStringAsync(path));
        return json.RootElement.Clone();
    }
}
