using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Live;

public sealed class LiveClusterTests : IAsyncLifetime
{
    private const string GpuNode = """
        {"metadata":{"name":"n1"},"status":{"allocatable":{"cpu":"96","memory":"1Ti","pods":"110","nvidia.com/gpu":"8"}}}
        """;

    private static readonly ServerInfo OldServer = new("v1.20.2", 1, 20, new HashSet<string>());
    private static readonly ServerInfo NewServer = new("v1.36.2", 1, 36, new HashSet<string>());

    private readonly FakeTimeProvider _time = new();
    private readonly List<Replica> _replicas = [];
    private FakeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _server.Put(ResourceType.Nodes, GpuNode);
        PutPod("running", "\"nodeName\":\"n1\",");
        PutPod("waiting", "");
    }

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas) await replica.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task IsReady_PodsNotListedYet_SaysWhatIsMissing()
    {
        var gate = _server.On("list", "pods").HoldBefore();
        var replica = Start();
        await gate.Reached;
        await _server.WaitForWatchesAsync(ResourceType.Nodes);

        Assert.False(replica.Cluster.IsReady);
        Assert.Equal(["the pods have not been listed yet"], replica.Cluster.NotReadyReasons);
        Assert.Contains("the pods have not been listed yet", replica.Cluster.Refusal, StringComparison.Ordinal);

        gate.Release();
        await replica.WaitUntilReadyAsync(_server);
        Assert.Null(replica.Cluster.Refusal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_OldServerOrNew_ShowsTheWholeCluster(bool isNew)
    {
        _server.OffersWatchList = isNew;
        var replica = Start(server: isNew ? NewServer : OldServer);
        await replica.WaitUntilReadyAsync(_server);

        var page = replica.Store.Current.Pages[0];
        Assert.Equal(7, page.GpuWholeFree[0]);
        Assert.Equal(isNew, !_server.Calls.Any(call => call.Verb == "list"));
    }

    [Fact]
    public async Task IsReady_ServerSilentBeyondTheLimit_TurnsUnready()
    {
        var replica = Start();
        await replica.WaitUntilReadyAsync(_server);
        _server.FreezeWatches(ResourceType.Nodes);
        _server.FreezeWatches(ResourceType.Pods);

        _time.Advance(TimeSpan.FromSeconds(181));

        Assert.False(replica.Cluster.IsReady);
        Assert.Equal(["the API server has not been heard of for 181 s"], replica.Cluster.NotReadyReasons);
    }

    [Fact]
    public async Task Bind_ThroughALiveCluster_IsConfirmedByTheWatch()
    {
        var replica = Start();
        await replica.WaitUntilReadyAsync(_server);
        var uid = (string)_server.Get(ResourceType.Pods, "default", "waiting")!["metadata"]!["uid"]!;

        var outcome = await replica.Cluster.Binder.BindAsync(new BindRequest("default", "waiting", uid, "n1", Seen: null), default);

        Assert.Equal("", outcome.Error);
        await replica.UntilAsync(ledger => ledger.StateOf(uid) == PodState.Confirmed);
        Assert.Empty(await replica.Cluster.CompareAsync(replica.Store, default));
    }

    [Fact]
    public async Task CompareAsync_SomethingTheWatchDidNotTell_IsNamed()
    {
        var replica = Start();
        await replica.WaitUntilReadyAsync(_server);
        _server.FreezeWatches(ResourceType.Pods);
        PutPod("unseen", "\"nodeName\":\"n1\",");

        Assert.Contains("node n1: does not count pod default/unseen", await replica.Cluster.CompareAsync(replica.Store, default));
    }

    [Fact]
    public async Task IsReady_TwoReplicas_OnlyTheLeaderIsAndTheOtherSaysWhoLeads()
    {
        var first = Start("first");
        await first.WaitUntilReadyAsync(_server);
        var second = Start("second");
        await second.UntilAsync(ledger => ledger.NodeCount == 1);

        await second.UntilAsync(_ => second.Cluster.NotReadyReasons is ["not leading ('first' leads)"]);
        Assert.False(second.Cluster.IsReady);
        Assert.True(first.Cluster.IsReady);
    }

    [Fact]
    public async Task Leader_Stops_ReleasesTheLeaseAndTheOtherListsAnewBeforeItIsReady()
    {
        var first = Start("first");
        await first.WaitUntilReadyAsync(_server);
        var second = Start("second");
        await second.UntilAsync(_ => second.Cluster.NotReadyReasons is ["not leading ('first' leads)"]);
        var listed = _server.Calls.Count(call => call is { Verb: "list", Resource: "pods" });
        await first.StopAsync();
        var gate = _server.On("list", "pods").HoldBefore();

        // The second one looks at the lease every few seconds. Between two of them the server answers us several times, and so it has answered it.
        while (!gate.Reached.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < 5 && !gate.Reached.IsCompleted; i++) await second.AskServerAsync();
        }

        Assert.Equal(["has just begun to lead and is listing the cluster anew"], second.Cluster.NotReadyReasons);
        gate.Release();
        await second.UntilAsync(_ => second.Cluster.IsReady);
        Assert.True(_server.Calls.Count(call => call is { Verb: "list", Resource: "pods" }) > listed);
    }

    private void PutPod(string name, string nodeName) => _server.Put(
        ResourceType.Pods, $$$$"""{"metadata":{"name":"{{{{name}}}}"},"spec":{ {{{{nodeName}}}} "containers":[{"resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}""");

    private Replica Start(string? identity = null, ServerInfo? server = null)
    {
        var options = new LiveClusterOptions { LeaderElection = identity is null ? null : new LeaderElectionOptions { Identity = identity } };
        var replica = new Replica(_server.CreateClient(), options, _time, server ?? OldServer);
        _replicas.Add(replica);
        return replica;
    }

    private sealed class Replica : IBindObserver, IAsyncDisposable
    {
        private readonly HttpKubernetesApi _api;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Replica(HttpKubernetesApi api, LiveClusterOptions options, TimeProvider time, ServerInfo server)
        {
            _api = api;
            Pump = new ClusterPump(new ClusterLedger(), Store, time, NullLogger<ClusterPump>.Instance);
            Cluster = new LiveCluster(api, Pump, GpuResourceCatalog.Default, options, this, time, NullLoggerFactory.Instance,
                new GangBarrier(Pump, new GangPlans(new LedgerOptions()), time, TimeSpan.FromSeconds(10)));
            _running = Cluster.RunAsync(server, _stop.Token);
        }

        public SnapshotStore Store { get; } = new();

        public ClusterPump Pump { get; }

        public LiveCluster Cluster { get; }

        public async Task WaitUntilReadyAsync(FakeApiServer server)
        {
            await server.WaitForWatchesAsync(ResourceType.Nodes);
            await server.WaitForWatchesAsync(ResourceType.Pods);
            await UntilAsync(_ => Cluster.IsReady);
        }

        /// <summary>Asks between changes until it holds; what it waits for is under way, so no time has to pass.</summary>
        public async Task UntilAsync(Func<ClusterLedger, bool> holds)
        {
            while (!await Pump.AskAsync(holds, default)) await Task.Yield();
        }

        public async Task AskServerAsync() => await _api.DiscoverAsync(default);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            await Pump.DisposeAsync();
            _api.Dispose();
            _stop.Dispose();
        }

        void IBindObserver.Bound(Pod pod, string nodeName, uint deviceMask)
        {
        }

        void IBindObserver.Refused(Pod pod, string nodeName, string reason)
        {
        }
    }
}
