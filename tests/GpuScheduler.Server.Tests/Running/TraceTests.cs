using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>The production trace through the verbs of the real executable.</summary>
public sealed class TraceTests
{
    [SkippableFact]
    public async Task EveryPodOfTheTrace_PlacedThroughTheVerbs_NeverOverCommitsANode()
    {
        Skip.If(SharedInput.Path() is null, SharedInput.Missing);
        var list = SharedInput.Path("traces", "openb", "openb_node_list_all_node.csv")!;
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", $"file:{list}", "--set", "server.readsPerSecond=0");
        Assert.Contains("1523 nodes", service.Greeting, StringComparison.Ordinal);
        var pods = OpenbTrace.ReadPods("default", new StreamReader(SharedInput.Path("traces", "openb", "openb_pod_list_default.csv")!));
        Assert.Equal(8152, pods.Count);
        var names = JsonSerializer.SerializeToNode((await NodesAsync(service)).Select(node => node.GetProperty("name").GetString()))!.ToJsonString();

        var placed = new Dictionary<string, List<PodShape>>();
        foreach (var pod in pods)
        {
            var body = $"{{\"Pod\":{VerbCalls.ManifestOf(new Pod { Namespace = "default", Name = pod.Name, Uid = pod.Name, Shape = pod.Shape })},\"NodeNames\":";
            var filter = await service.Client.PostVerbAsync("filter", $"{body}{names}}}");
            Assert.Equal("", filter.GetProperty("Error").GetString());
            var feasible = filter.GetProperty("NodeNames");
            if (feasible.GetArrayLength() == 0) continue;
            var scores = await service.Client.PostVerbAsync("prioritize", $"{body}{feasible.GetRawText()}}}");
            var best = scores.EnumerateArray().First(score => score.GetProperty("Score").GetInt32() == 10).GetProperty("Host").GetString()!;
            var bind = await service.Client.PostVerbAsync(
                "bind", $$"""{"PodName":"{{pod.Name}}","PodNamespace":"default","PodUID":"{{pod.Name}}","Node":"{{best}}"}""");
            Assert.Equal("", bind.GetProperty("Error").GetString());
            if (!placed.TryGetValue(best, out var onNode)) placed.Add(best, onNode = []);
            onNode.Add(pod.Shape);
        }

        Assert.True(placed.Values.Sum(onNode => onNode.Count) > 7000, "most of the trace fits");
        foreach (var node in OpenbNodeReader.Read(new StreamReader(list)).Nodes) AssertWithin(node, placed.GetValueOrDefault(node.Name, []));
        using var drift = JsonDocument.Parse(await service.Client.GetStringAsync("/api/v1/drift"));
        Assert.Empty(drift.RootElement.GetProperty("drift").EnumerateArray());
        foreach (var node in await NodesAsync(service)) await AssertDevicesWithinAsync(service, node.GetProperty("name").GetString()!);
    }

    [Fact]
    public async Task FilterAndPrioritize_FiveThousandNamesAtOnce_AnswerWithoutError()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "5000", "--set", "extender.shortlist=0");
        var names = JsonSerializer.SerializeToNode((await NodesAsync(service)).Select(node => node.GetProperty("name").GetString()))!.ToJsonString();
        const string Pod = """{"metadata":{"name":"p","uid":"u"},"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}""";
        var body = $"{{\"Pod\":{Pod},\"NodeNames\":{names}}}";

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            var filter = await service.Client.PostVerbAsync("filter", body);
            Assert.Equal("", filter.GetProperty("Error").GetString());
            Assert.Equal(
                5000,
                filter.GetProperty("NodeNames").GetArrayLength() + filter.GetProperty("FailedNodes").EnumerateObject().Count()
                    + filter.GetProperty("FailedAndUnresolvableNodes").EnumerateObject().Count());
            Assert.Equal(5000, (await service.Client.PostVerbAsync("prioritize", body)).GetArrayLength());
        });
    }

    private static void AssertWithin(Node node, List<PodShape> pods)
    {
        foreach (var (resource, allocatable) in node.Allocatable)
        {
            var requested = resource == "pods" ? pods.Count : pods.Sum(pod => pod.Requests.ToArray().Where(request => request.Name == resource).Sum(request => request.Amount));
            Assert.True(requested <= allocatable, $"{node.Name}: {requested} of {allocatable} {resource}");
        }

        // Whole and shared GPUs are the same cards, which no resource count shows.
        Assert.True(pods.Sum(pod => pod.Gpu.TotalMilli) <= node.AllocatableOf("nvidia.com/gpu") * 1000, $"{node.Name}: GPUs");
    }

    /// <summary>What each device has free is exactly a whole one less the shares of the pods that it says it holds.</summary>
    private static async Task AssertDevicesWithinAsync(ServerProcess service, string name)
    {
        using var node = JsonDocument.Parse(await service.Client.GetStringAsync($"/api/v1/nodes/{name}"));
        var milli = node.RootElement.GetProperty("pods").EnumerateArray().ToDictionary(
            pod => $"{pod.GetProperty("namespace").GetString()}/{pod.GetProperty("name").GetString()}",
            pod => pod.GetProperty("requests").TryGetProperty("gpu-scheduler.io/gpu-milli", out var share) ? Math.Min(share.GetInt32(), 1000) : 1000);
        foreach (var device in node.RootElement.GetProperty("devices").EnumerateArray())
        {
            var used = device.GetProperty("pods").EnumerateArray().Sum(pod => milli[pod.GetString()!]);
            Assert.Equal(1000 - used, device.GetProperty("freeMilli").GetInt32());
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> NodesAsync(ServerProcess service)
    {
        using var document = JsonDocument.Parse(await service.Client.GetStringAsync("/api/v1/nodes"));
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone())];
    }
}
