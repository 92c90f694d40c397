using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Nomination;

/// <summary>A nominator on a fake API server. The watch is the test's: the ledger learns of the server's pods by <see cref="DeliverAsync"/> only.</summary>
public sealed class NominationHarness : IAsyncDisposable, IBindGate
{
    private readonly HashSet<string> _known = [];
    private readonly HttpKubernetesApi _api;
    private readonly DateTimeOffset _start;
    private int _created;

    private NominationHarness(FakeApiServer server, NominationOptions options)
    {
        Server = server;
        Options = options;
        _api = server.CreateClient(new KubernetesApiOptions { WritesPerSecond = 0 });
        Pump = new ClusterPump(new ClusterLedger(), Store, new FakeTimeProvider(), NullLogger<ClusterPump>.Instance);
        Nominator = NewNominator();
        _start = Time.GetUtcNow();
    }

    public FakeApiServer Server { get; }

    public NominationOptions Options { get; }

    public SnapshotStore Store { get; } = new();

    public ClusterPump Pump { get; }

    public FakeTimeProvider Time { get; } = new();

    public NominationPace Pace { get; private set; } = null!;

    public Nominator Nominator { get; private set; }

    /// <summary>Why nothing may be written now; null when it may.</summary>
    public string? Refusal { get; set; }

    public int Writes => Server.Calls.Count(call => call.Resource == "pods/status");

    public static async Task<NominationHarness> StartAsync(NominationOptions? options = null) =>
        new(await FakeApiServer.StartAsync(), options ?? new NominationOptions { MinWaiting = 1 });

    /// <summary>The process begins anew.</summary>
    public void Restart() => Nominator = NewNominator();

    public async Task NodeAsync(string name, int gpus) =>
        await Pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named(name).Cpu("96").Memory("1Ti").Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * 1000}").Build()));

    /// <summary>So many nodes that a look at all of them is worth waiting for.</summary>
    public async Task LargeClusterAsync()
    {
        for (var node = 0; node < 500; node++) await NodeAsync($"n{node:d3}", 1);
    }

    public async Task RemoveNodeAsync(string name) => await Pump.PostAsync(ClusterChange.NodeDeleted(name, ""));

    /// <summary>Creates a pod a second (or <paramref name="after"/> so many) younger than the one before.</summary>
    public void Pod(
        string name, int gpus = 1, int priority = 0, string scheduler = "gpu-scheduler", string spec = "", string resource = GpuResourceCatalog.NvidiaGpu, int after = 1)
    {
        _created += after;
        var created = _start.AddSeconds(_created).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        Server.Put(ResourceType.Pods, $$$$"""
            {"metadata":{"name":"{{{{name}}}}","creationTimestamp":"{{{{created}}}}"},
             "spec":{"schedulerName":"{{{{scheduler}}}}","priority":{{{{priority}}}},{{{{spec}}}}"containers":[{"resources":{"limits":{"{{{{resource}}}}":"{{{{gpus}}}}"}}}]}}
            """);
    }

    public void Pods(int count)
    {
        for (var i = 0; i < count; i++) Pod($"p{i:d2}");
    }

    /// <summary>Somebody else sets or clears a nomination.</summary>
    public void Overrule(string name, string? node) =>
        Server.Update(ResourceType.Pods, "default", name, pod => pod["status"] = node is null ? new JsonObject() : new JsonObject { ["nominatedNodeName"] = node });

    public void Bind(string name, string node) => Server.Update(ResourceType.Pods, "default", name, pod => pod["spec"]!["nodeName"] = node);

    public void Delete(string name) => Server.Delete(ResourceType.Pods, "default", name);

    /// <summary>The watch brings the ledger what the server has.</summary>
    public async Task DeliverAsync()
    {
        var reader = new PodReader(GpuResourceCatalog.Default);
        var seen = new HashSet<string>();
        foreach (var json in Server.All(ResourceType.Pods))
        {
            var bytes = new Utf8JsonReader(Encoding.UTF8.GetBytes(json.ToJsonString()));
            bytes.Read();
            var pod = reader.Read(ref bytes);
            seen.Add(pod.Uid);
            await Pump.PostAsync(ClusterChange.PodUpserted(pod));
        }

        foreach (var uid in _known.Except(seen)) await Pump.PostAsync(ClusterChange.PodDeleted(uid));
        _known.Clear();
        _known.UnionWith(seen);
        await Pump.FlushAsync(default);
    }

    public Task<bool> NominateAsync() => Nominator.RunOnceAsync(default);

    /// <summary>The watch delivers, the nominator looks, and the watch delivers what it wrote.</summary>
    public async Task RoundAsync()
    {
        await DeliverAsync();
        while (await NominateAsync())
        {
        }

        await DeliverAsync();
    }

    /// <summary>pod=node for every nomination on the server, in order of names.</summary>
    public string Nominations() => string.Join(' ', Server.All(ResourceType.Pods)
        .Where(pod => pod["status"]?["nominatedNodeName"] is not null && pod["spec"]?["nodeName"] is null)
        .Select(pod => $"{pod["metadata"]!["name"]}={pod["status"]!["nominatedNodeName"]}"));

    public async ValueTask DisposeAsync()
    {
        await Pump.DisposeAsync();
        _api.Dispose();
        await Server.DisposeAsync();
    }

    private Nominator NewNominator()
    {
        Pace = new NominationPace(Time);
        return new(Pump, _api, this, Options, new LedgerOptions(), _ => new PackGpus(), Time, NullLogger<Nominator>.Instance, Pace);
    }
}
