using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Gangs;

public sealed class GangWakerTests : IAsyncLifetime, IBindGate
{
    private readonly FakeTimeProvider _time = new();
    private readonly SnapshotStore _store = new();
    private readonly GangPlans _plans = new(new LedgerOptions());
    private FakeApiServer _server = null!;
    private HttpKubernetesApi _api = null!;
    private ClusterPump _pump = null!;
    private GangWaker _waker = null!;

    public string? Refusal { get; private set; }

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = _server.CreateClient();
        _pump = new ClusterPump(new ClusterLedger(), _store, _time, NullLogger<ClusterPump>.Instance);
        _waker = new GangWaker(_pump, _store, _plans, _api, this, _time, NullLogger<GangWaker>.Instance);
        for (var i = 0; i < 2; i++) await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named($"n{i}").Cpu("96").Memory("1Ti").Gpus(8).Build()));
    }

    public async Task DisposeAsync()
    {
        await _pump.DisposeAsync();
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task RunOnceAsync_GangCouldStartAndDoesNotCome_IsWokenAfterAWhileAndThenLessOften()
    {
        await CreateAsync("train", 2, size: 2);

        Assert.Equal(0, await WokenAfterAsync(0));
        Assert.Equal(0, await WokenAfterAsync(1));
        Assert.Equal(2, await WokenAfterAsync(1));
        Assert.Equal(0, await WokenAfterAsync(3));
        Assert.Equal(2, await WokenAfterAsync(1));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    public async Task RunOnceAsync_PodsAreMissingOrTheGangDoesNotFit_WakesNobody(int pods, int size)
    {
        await CreateAsync("train", pods, size);

        Assert.Equal(0, await WokenAfterAsync(0));
        Assert.Equal(0, await WokenAfterAsync(60));
    }

    [Fact]
    public async Task RunOnceAsync_MayNotActNow_WakesNobody()
    {
        await CreateAsync("train", 2, size: 2);
        Refusal = "another replica leads";

        Assert.Equal(0, await WokenAfterAsync(0));
        Assert.Equal(0, await WokenAfterAsync(60));
    }

    [Fact]
    public async Task RunOnceAsync_GangNeverComes_IsSetAsideForTheNext()
    {
        await CreateAsync("stuck", 2, size: 2);
        await CreateAsync("younger", 2, size: 2);
        Assert.False(_plans.Of(_store.Current, Key("younger"))!.Fits);

        for (var seconds = 0; seconds < 70; seconds++) await WokenAfterAsync(1);

        Assert.True(_plans.Of(_store.Current, Key("younger"))!.Fits);
    }

    [Fact]
    public async Task NominationPlan_PodsOfAGang_GoWhereTheirGangIsPlannedOrNowhere()
    {
        var fits = await CreateAsync("fits", 2, size: 2);
        var tooBig = await CreateAsync("toobig", 3, size: 3);
        var cluster = new PlannedCluster(_store.Current, new LedgerOptions(), new ScoringResolver(GpuResourceCatalog.Default), _ => new PackGpus());
        var waiting = fits.Concat(tooBig).Select(pod => new WaitingPod(pod, NominationOwner.None, null, MayWrite: true)).ToList();

        var plan = NominationPlan.Make(cluster, waiting, _ => true, pod =>
        {
            var gang = _plans.Of(_store.Current, Key(pod.Labels["gpu-scheduler.io/gang"]))!;
            return new PlannedMember(gang.PlaceOf(pod.Uid) is >= 0 and var place ? gang.Places[place].NodeName : null, IsHeld: false);
        });

        Assert.Equal(["fits-0 n0", "fits-1 n1"], plan.Additions.Select(write => $"{write.Pod.Pod.Name} {write.To}").Order());
    }

    private static GangKey Key(string name) => new("gang", "default", name);

    private async Task<int> WokenAfterAsync(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        var before = Count();
        await _waker.RunOnceAsync(default);
        return Count() - before;

        int Count() => _server.Calls.Count(call => call.Verb == "patch" && call.Resource == "pods/status");
    }

    private async Task<Pod[]> CreateAsync(string gang, int pods, int size)
    {
        var made = new Pod[pods];
        for (var i = 0; i < pods; i++)
        {
            var meta = _server.Put(ResourceType.Pods, $$$$"""{"metadata":{"name":"{{{{gang}}}}-{{{{i}}}}"},"spec":{"containers":[{}]}}""");
            made[i] = MakePod.Named($"{gang}-{i}").Uid(meta.Uid).Gpus(8).Label("gpu-scheduler.io/gang", gang).Annotation("gpu-scheduler.io/gang-size", $"{size}").Build();
            await _pump.PostAsync(ClusterChange.PodUpserted(made[i]));
        }

        await _pump.FlushAsync(default);
        return made;
    }
}
