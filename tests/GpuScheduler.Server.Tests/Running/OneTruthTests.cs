using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Server.Hosting;
using GpuScheduler.Server.Options;
using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>The service, over HTTP, decides exactly as the replay does: what a replay shows is what production gets.</summary>
public sealed class OneTruthTests
{
    private const int Nodes = 200;
    private const int Pods = 2500;

    [SkippableTheory]
    [InlineData("ResidualValue")]
    [InlineData("Fgd")]
    [InlineData("BestFit")]
    public async Task Choices_OverAWholeRun_EqualTheReplays(string policy)
    {
        Skip.If(SharedInput.Path() is null, SharedInput.Missing);
        using var nodeList = new StreamReader(SharedInput.Path("traces", "openb", "openb_node_list_gpu_node.csv")!);
        using var podList = new StreamReader(SharedInput.Path("traces", "openb", "openb_pod_list_gpuspec33.csv")!);
        var every = OpenbTrace.ReadNodes("nodes", nodeList);
        Node[] nodes = [.. Enumerable.Range(0, Nodes).Select(i => every[i * every.Count / Nodes])];
        var trace = OpenbTrace.ReadPods("pods", podList);
        var names = string.Join(',', nodes.Select(node => $"\"{node.Name}\""));

        var options = new GpuSchedulerOptions();
        options.Server.Urls = ["http://127.0.0.1:0"];
        options.Cluster.Source = "embedded";
        options.Cluster.Nodes = 0;
        options.Scoring.Strategy = policy;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Composition.Add(builder, options);
        await using var app = builder.Build();
        app.MapExtender(options.Extender.Path);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var pump = app.Services.GetRequiredService<ClusterPump>();
        foreach (var node in nodes) await pump.PostAsync(ClusterChange.NodeUpserted(node));
        await pump.FlushAsync(default);
        var replay = new ReplayCluster(nodes, new PackingLearner(PackingPolicies.Find(policy)!, new WorkloadHistogram()), ties: null);

        var placed = 0;
        for (var i = 0; i < Pods; i++)
        {
            var shape = trace[i * 31 % trace.Count].Shape;
            var row = replay.Place(shape, out _);
            var expected = row < 0 ? null : replay.Snapshot.PageOf(row).Node(row & NodePage.RowMask)!.Name;

            var pod = new Pod { Namespace = "default", Name = $"p{i}", Uid = $"p{i}", Shape = shape };
            await pump.PostAsync(ClusterChange.PodUpserted(pod));
            await pump.FlushAsync(default);
            var chosen = await ChooseAsync(client, pod, names);

            Assert.True(expected == chosen, $"pod {i} ({shape}): the replay takes {expected ?? "none"}, the service {chosen ?? "none"}");
            if (chosen is null) continue;
            placed++;
            var bind = await client.PostVerbAsync("bind", $$"""{"PodName":"{{pod.Name}}","PodNamespace":"default","PodUID":"{{pod.Uid}}","Node":"{{chosen}}"}""");
            Assert.Equal("", bind.GetProperty("Error").GetString());
            var replayed = replay.Snapshot.PageOf(row).DeviceFreeMilli(row & NodePage.RowMask);
            var served = app.Services.GetRequiredService<SnapshotStore>().Current;
            Assert.Equal(replayed, served.PageOf(row).DeviceFreeMilli(row & NodePage.RowMask));
        }

        Assert.InRange(placed, 1000, Pods - 1);
        await app.StopAsync();
    }

    private static async Task<string?> ChooseAsync(HttpClient client, Pod pod, string names)
    {
        var json = VerbCalls.ManifestOf(pod);
        var filter = await client.PostVerbAsync("filter", $"{{\"Pod\":{json},\"NodeNames\":[{names}]}}");
        Assert.Equal("", filter.GetProperty("Error").GetString());
        var feasible = filter.GetProperty("NodeNames");
        if (feasible.GetArrayLength() == 0) return null;
        var scores = await client.PostVerbAsync("prioritize", $"{{\"Pod\":{json},\"NodeNames\":{feasible.GetRawText()}}}");
        return scores.EnumerateArray().First(score => score.GetProperty("Score").GetInt32() == 10).GetProperty("Host").GetString();
    }
}
