using System.Text.Json;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Server.Hosting;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Options;
using GpuScheduler.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>MIG pods over HTTP: filter, prioritize and bind, the layouts the service shows, and the same layouts after a restart.</summary>
public sealed class MigServiceTests
{
    private static readonly MigGeometry A100 = MigCatalog.Default.Geometries.Single(geometry => geometry.Name == "A100-40GB");
    private static readonly Node[] Nodes =
    [
        .. Enumerable.Range(0, 3).Select(i => MakeNode.Named($"dynamic-{i}").DynamicMig(A100, 2).Cpu("64").Memory("512Gi").Build()),
        MakeNode.Named("fixed").Model("NVIDIA-A100-SXM4-40GB").GpuMemoryMiB(40960).Label("nvidia.com/gpu.count", "2").MigSlices("7g.40gb", 2).Cpu("64").Memory("512Gi").Build(),
        MakeNode.Named("pending").DynamicMig(A100, 2).Label(MigObstacles.StateLabel, "pending").Cpu("64").Memory("512Gi").Build(),
    ];

    [Fact]
    public async Task Pods_PlacedByTheVerbs_FillGpusLegallyAndSurviveARestart()
    {
        var first = await RunAsync([], async (client, pump) =>
        {
            var names = string.Join(',', Nodes.Select(node => $"\"{node.Name}\""));
            string[] profiles = ["1g.5gb", "2g.10gb", "3g.20gb", "1g.5gb", "4g.20gb", "1g.10gb", "7g.40gb"];
            for (var i = 0; i < 60; i++)
            {
                var pod = MakePod.Named($"p{i}").Cpu("1").Memory("1Gi").MigSlices(profiles[i % profiles.Length], 1).Build();
                var args = $$"""{"Pod":{{VerbCalls.ManifestOf(pod)}},"NodeNames":[{{names}}]}""";
                var filtered = await client.PostVerbAsync("filter", args);
                var failed = filtered.GetProperty("FailedAndUnresolvableNodes").GetProperty("pending").GetString();
                Assert.Contains("MIG configuration pending", failed, StringComparison.Ordinal);
                var fit = filtered.GetProperty("NodeNames").EnumerateArray().Select(name => name.GetString()!).ToArray();
                if (fit.Length == 0) continue;
                var scored = await client.PostVerbAsync("prioritize", $$"""{"Pod":{{VerbCalls.ManifestOf(pod)}},"NodeNames":{{JsonSerializer.Serialize(fit)}}}""");
                var best = scored.EnumerateArray().MaxBy(entry => entry.GetProperty("Score").GetInt64()).GetProperty("Host").GetString();
                var bind = await client.PostVerbAsync("bind", $$"""{"PodName":"{{pod.Name}}","PodNamespace":"default","PodUID":"{{pod.Uid}}","Node":"{{best}}"}""");
                Assert.Equal("", bind.GetProperty("Error").GetString());
            }
        });

        Assert.True(first.Pods.Count > 15, $"only {first.Pods.Count} pods found a place");
        Assert.All(first.Pods.Where(pod => pod.NodeName!.StartsWith("dynamic", StringComparison.Ordinal)), pod => Assert.Contains("\"start\":", pod.Annotations[DeviceAnnotation.Key], StringComparison.Ordinal));
        foreach (var gpu in first.Layouts.SelectMany(layout => layout.GetProperty("mig").GetProperty("gpus").EnumerateArray()))
        {
            var slices = new bool[A100.Grid.Size];
            foreach (var instance in gpu.GetProperty("instances").EnumerateArray())
            {
                Assert.True(MigProfile.TryParse(instance.GetProperty("profile").GetString()!, out var profile, out _));
                var shape = A100.Profiles[A100.IndexOf(profile!)];
                var start = instance.GetProperty("start").GetInt32();
                Assert.Contains(start, shape.Starts);
                foreach (var slice in Enumerable.Range(start, shape.Size))
                {
                    Assert.False(slices[slice], $"slice {slice} is held twice: {gpu}");
                    slices[slice] = true;
                }
            }

            Assert.Equal(string.Concat(slices.Select(taken => taken ? '1' : '0')), gpu.GetProperty("slices").GetString());
        }

        var second = await RunAsync(first.Pods, (_, _) => Task.CompletedTask);
        Assert.Equal(first.Layouts.Select(Occupancy), second.Layouts.Select(Occupancy));
    }

    [Fact]
    public async Task Node_WithFixedLayouts_TellsWhatItsCountsSay()
    {
        var run = await RunAsync([], (_, _) => Task.CompletedTask);

        var mig = run.Fixed.GetProperty("mig");
        Assert.Equal(("Fixed", "A100-40GB", "Certain", "11111111"), (Text("mode"), Text("geometry"), Text("inference"), Text("certainlyTaken")));

        string? Text(string field) => mig.GetProperty(field).GetString();
    }

    private static string Occupancy(JsonElement node) => string.Join(';', node.GetProperty("mig").GetProperty("gpus").EnumerateArray().Select(gpu =>
        gpu.GetProperty("slices").GetString() + string.Join(',', gpu.GetProperty("instances").EnumerateArray().Select(instance => $"{instance.GetProperty("profile")}@{instance.GetProperty("start")}={instance.GetProperty("pod")}").Order())));

    private static async Task<(IReadOnlyList<Pod> Pods, IReadOnlyList<JsonElement> Layouts, JsonElement Fixed)> RunAsync(
        IReadOnlyList<Pod> pods, Func<HttpClient, ClusterPump, Task> act)
    {
        var options = new GpuSchedulerOptions();
        options.Server.Urls = ["http://127.0.0.1:0"];
        options.Cluster.Source = "embedded";
        options.Cluster.Nodes = 0;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Composition.Add(builder, options);
        await using var app = builder.Build();
        app.MapExtender(options.Extender.Path);
        app.Services.GetRequiredService<ReadEndpoints>().Map(app);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var pump = app.Services.GetRequiredService<ClusterPump>();
        foreach (var node in Nodes) await pump.PostAsync(ClusterChange.NodeUpserted(node));
        foreach (var pod in pods) await pump.PostAsync(ClusterChange.PodUpserted(pod));
        await pump.FlushAsync(default);
        await act(client, pump);

        Assert.Empty(await pump.AskAsync(
            ledger => SnapshotComparer.Compare(app.Services.GetRequiredService<SnapshotStore>().Current, Nodes, ledger.Pods.Select(pod => pod.Pod)), default));
        var placed = await pump.AskAsync(ledger => ledger.Pods.Where(pod => pod.NodeName is not null).Select(pod => pod.Pod).ToArray(), default);
        var layouts = new List<JsonElement>();
        for (var i = 0; i < 3; i++) layouts.Add(await GetAsync($"dynamic-{i}"));
        return (placed, layouts, await GetAsync("fixed"));

        async Task<JsonElement> GetAsync(string node)
        {
            using var document = JsonDocument.Parse(await client.GetStringAsync($"/api/v1/nodes/{node}"));
            return document.RootElement.Clone();
        }
    }
}
