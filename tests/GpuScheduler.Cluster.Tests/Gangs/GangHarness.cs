using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Gangs;

/// <summary>A cluster of nodes n0, n1, ... with eight GPUs, whose pods of gangs are on a fake API server and with the single writer.</summary>
internal sealed class GangHarness : IBindGate, IAsyncDisposable
{
    private GangHarness(FakeApiServer server)
    {
        Server = server;
        Api = server.CreateClient();
        Pump = new ClusterPump(new ClusterLedger(), Store, Time, NullLogger<ClusterPump>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public SnapshotStore Store { get; } = new();

    public GangPlans Plans { get; } = new(new LedgerOptions());

    public FakeApiServer Server { get; }

    public HttpKubernetesApi Api { get; }

    public ClusterPump Pump { get; }

    public string? Refusal { get; set; }

    public static async Task<GangHarness> StartAsync(int nodes)
    {
        var harness = new GangHarness(await FakeApiServer.StartAsync());
        for (var i = 0; i < nodes; i++) await harness.Pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named($"n{i}").Cpu("96").Memory("1Ti").Gpus(8).Build()));
        return harness;
    }

    public static GangKey Key(string name) => new("gang", "default", name);

    public async ValueTask DisposeAsync()
    {
        await Pump.DisposeAsync();
        Api.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Creates pods GANG-0, GANG-1, ... of a gang.</summary>
    public async Task<Pod[]> CreateGangAsync(string gang, int pods, int gpus = 8, int? size = null)
    {
        var made = new Pod[pods];
        for (var i = 0; i < pods; i++)
        {
            made[i] = await CreateAsync($"{gang}-{i}", gpus, pod => pod.Label("gpu-scheduler.io/gang", gang).Annotation("gpu-scheduler.io/gang-size", $"{size ?? pods}"));
        }

        return made;
    }

    /// <summary>Creates a pod; when this returns, the newest snapshot knows it.</summary>
    public async Task<Pod> CreateAsync(string name, int gpus, Func<MakePod, MakePod>? also = null)
    {
        var meta = Server.Put(
            ResourceType.Pods,
            $$$$"""{"metadata":{"name":"{{{{name}}}}"},"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"{{{{gpus}}}}"}}}]}}""");
        var pod = MakePod.Named(name).Uid(meta.Uid).Gpus(gpus);
        var made = (also?.Invoke(pod) ?? pod).Build();
        await Pump.PostAsync(ClusterChange.PodUpserted(made));
        await Pump.FlushAsync(default);
        return made;
    }
}
