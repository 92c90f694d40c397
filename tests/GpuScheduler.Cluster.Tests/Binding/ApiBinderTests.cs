using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Objects;
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

namespace GpuScheduler.Cluster.Tests.Binding;

public sealed class ApiBinderTests : IAsyncLifetime, IBindGate, IBindObserver
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _told = [];
    private FakeApiServer _server = null!;
    private HttpKubernetesApi _api = null!;
    private ClusterPump _pump = null!;
    private ApiBinder _binder = null!;

    public string? Refusal { get; private set; }

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = _server.CreateClient();
        _pump = new ClusterPump(new ClusterLedger(), new SnapshotStore(), _time, NullLogger<ClusterPump>.Instance);
        _binder = new ApiBinder(_pump, _api, new PodObjects(GpuResourceCatalog.Default), this, this, _time, TimeSpan.FromSeconds(10),
            new GangBarrier(_pump, new GangPlans(new LedgerOptions()), _time, TimeSpan.FromSeconds(10)));
        await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(8).Build()));
        await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named("n2").Cpu("96").Memory("1Ti").Gpus(8).Build()));
    }

    public async Task DisposeAsync()
    {
        await _pump.DisposeAsync();
        _api.Dispose();
        await _server.DisposeAsync();
    }

    void IBindObserver.Bound(Pod pod, string nodeName, uint deviceMask) => _told.Add($"bound {pod.Name} to {nodeName} with {deviceMask:b}");

    void IBindObserver.Refused(Pod pod, string nodeName, string reason) => _told.Add($"refused {pod.Name} on {nodeName}: {reason}");

    [Fact]
    public async Task BindAsync_PodFits_WritesNodeAndDevicesInOneCall()
    {
        var request = await CreateAsync("p", gpus: 2);

        var outcome = await _binder.BindAsync(request, default);

        Assert.Equal(BindOutcome.Bound(0b11), outcome);
        var pod = _server.Get(ResourceType.Pods, "default", "p")!;
        Assert.Equal("n1", (string?)pod["spec"]!["nodeName"]);
        Assert.Equal("""[{"index":0,"milli":1000},{"index":1,"milli":1000}]""", (string?)pod["metadata"]!["annotations"]![DeviceAnnotation.Key]);
        Assert.Single(_server.Calls, call => call.Verb == "create" && call.Resource == "pods/binding");
        Assert.Equal(["bound p to n1 with 11"], _told);
    }

    [Fact]
    public async Task BindAsync_AskedAgainAfterwards_SucceedsWithoutChange()
    {
        var request = await CreateAsync("p", gpus: 2);
        await _binder.BindAsync(request, default);

        Assert.Equal(BindOutcome.Bound(0b11), await _binder.BindAsync(request, default));
        Assert.Equal(6, await FreeAsync("n1"));
    }

    [Fact]
    public async Task BindAsync_AskedTwiceAtOnce_PostsOneBinding()
    {
        var request = await CreateAsync("p", gpus: 2);
        var gate = _server.On("create", "pods/binding").HoldBefore();
        var first = _binder.BindAsync(request, default);
        await gate.Reached;
        var second = _binder.BindAsync(request, default);
        gate.Release();

        Assert.Equal(BindOutcome.Bound(0b11), await first);
        Assert.Equal(BindOutcome.Bound(0b11), await second);
        Assert.Single(_server.Calls, call => call.Resource == "pods/binding");
    }

    [Fact]
    public async Task BindAsync_ToAnotherNodeWhileUnderWay_IsRefused()
    {
        var request = await CreateAsync("p", gpus: 2);
        var gate = _server.On("create", "pods/binding").HoldBefore();
        var first = _binder.BindAsync(request, default);
        await gate.Reached;

        var second = await _binder.BindAsync(request with { NodeName = "n2" }, default);
        gate.Release();

        Assert.Contains("just being bound to node n1", second.Error, StringComparison.Ordinal);
        Assert.True((await first).IsBound);
    }

    [Fact]
    public async Task BindAsync_NoRoomAnyMore_SaysWhyAndCallsNobody()
    {
        await _binder.BindAsync(await CreateAsync("first", gpus: 8), default);

        var outcome = await _binder.BindAsync(await CreateAsync("second", gpus: 1), default);

        Assert.Equal("node n1: Insufficient nvidia.com/gpu", outcome.Error);
        Assert.Single(_server.Calls, call => call.Resource == "pods/binding");
    }

    [Fact]
    public async Task BindAsync_ServerRefuses_GivesThePlaceBackWithTheServersMessage()
    {
        var request = await CreateAsync("p", gpus: 8);
        _server.On("create", "pods/binding").Answer(403, "Forbidden", "quota says no");

        var outcome = await _binder.BindAsync(request, default);

        Assert.Contains("quota says no", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(8, await FreeAsync("n1"));
        Assert.Single(_told, text => text.StartsWith("refused p on n1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BindAsync_AnswerLostAfterSuccess_FindsThePodBound()
    {
        var request = await CreateAsync("p", gpus: 8);
        _server.On("create", "pods/binding").ApplyThenReset();

        var outcome = await _binder.BindAsync(request, default);

        Assert.True(outcome.IsBound, outcome.Error);
        Assert.Equal(0, await FreeAsync("n1"));
    }

    [Fact]
    public async Task BindAsync_ErrorAfterSuccess_FindsThePodBound()
    {
        var request = await CreateAsync("p", gpus: 8);
        _server.On("create", "pods/binding").ApplyThenAnswer(504, "Timeout", "etcd timed out");

        Assert.True((await _binder.BindAsync(request, default)).IsBound);
    }

    [Fact]
    public async Task BindAsync_BoundElsewhereByAnother_GivesThePlaceBack()
    {
        var request = await CreateAsync("p", gpus: 8);
        _server.Update(ResourceType.Pods, "default", "p", pod => pod["spec"]!["nodeName"] = "n2");

        var outcome = await _binder.BindAsync(request, default);

        Assert.Contains("already assigned", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(8, await FreeAsync("n1"));
    }

    [Fact]
    public async Task BindAsync_PodDeletedMeanwhile_GivesThePlaceBack()
    {
        var request = await CreateAsync("p", gpus: 8);
        _server.Delete(ResourceType.Pods, "default", "p");

        var outcome = await _binder.BindAsync(request, default);

        Assert.False(outcome.IsBound);
        Assert.Equal(8, await FreeAsync("n1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BindAsync_PodMadeAnewUnderTheSameName_LeavesTheNewOneAlone(bool serverIgnoresUid)
    {
        _server.BindIgnoresUid = serverIgnoresUid;
        var request = await CreateAsync("p", gpus: 8);
        _server.Delete(ResourceType.Pods, "default", "p");
        await CreateAsync("p", gpus: 8);

        var outcome = await _binder.BindAsync(request, default);

        Assert.Contains("made anew", outcome.Error, StringComparison.Ordinal);
        Assert.Null(_server.Get(ResourceType.Pods, "default", "p")!["spec"]!["nodeName"]);
        Assert.Equal(8, await FreeAsync("n1"));
    }

    [Fact]
    public async Task BindAsync_NeitherAnswered_KeepsThePlaceForTheAssumedLifetimeOnly()
    {
        var request = await CreateAsync("p", gpus: 8);
        _server.On("create", "pods/binding").Reset();
        _server.On("get", "pods").Always().Reset();

        Assert.False((await _binder.BindAsync(request, default)).IsBound);
        Assert.Equal(0, await FreeAsync("n1"));
        _time.Advance(TimeSpan.FromSeconds(62));
        Assert.Equal(8, await FreeAsync("n1"));
    }

    [Fact]
    public async Task BindAsync_CallerGoesAway_IsCarriedThrough()
    {
        var request = await CreateAsync("p", gpus: 8);
        var gate = _server.On("create", "pods/binding").HoldBefore();
        using var caller = new CancellationTokenSource();
        var bind = _binder.BindAsync(request, caller.Token);
        await gate.Reached;
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await bind);
        gate.Release();

        Assert.True((await _binder.BindAsync(request, default)).IsBound);
        Assert.Single(_server.Calls, call => call.Resource == "pods/binding");
    }

    [Fact]
    public async Task BindAsync_ServerNeverAnswers_EndsBelowTheSchedulersTimeout()
    {
        var request = await CreateAsync("p", gpus: 8);
        var gate = _server.On("create", "pods/binding").HoldBefore();
        var bind = _binder.BindAsync(request, default);
        await gate.Reached;

        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Contains("did not answer within 10 s", (await bind).Error, StringComparison.Ordinal);
        gate.Release();
    }

    [Fact]
    public async Task BindAsync_NotAllowedNow_RefusesWithoutHoldingAnything()
    {
        Refusal = "another replica leads";
        var outcome = await _binder.BindAsync(await CreateAsync("p", gpus: 8), default);

        Assert.Equal("another replica leads", outcome.Error);
        Assert.Equal(8, await FreeAsync("n1"));
    }

    [Fact]
    public async Task BindAsync_PodNotWatchedYet_AsksTheServerForIt()
    {
        var request = await CreateAsync("p", gpus: 2);
        await _pump.AskAsync(
            ledger =>
            {
                Assert.NotNull(ledger.FindPod(request.Uid));
                return 0;
            },
            default);
        _server.Put(ResourceType.Pods, """{"metadata":{"name":"q","uid":"q-uid"},"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}""");

        var outcome = await _binder.BindAsync(new BindRequest("default", "q", "q-uid", "n1", Seen: null), default);

        Assert.Equal(BindOutcome.Bound(0b1), outcome);
    }

    [Fact]
    public async Task BindAsync_ManyAtOnce_GiveEveryDeviceOnce()
    {
        var requests = new List<BindRequest>();
        for (var i = 0; i < 20; i++) requests.Add(await CreateAsync($"p{i}", gpus: 1));

        var outcomes = await Task.WhenAll(requests.Select(request => _binder.BindAsync(request, default).AsTask()));

        Assert.Equal(8, outcomes.Count(outcome => outcome.IsBound));
        Assert.Equal(255u, outcomes.Aggregate(0u, (all, outcome) => all + outcome.DeviceMask));
    }

    private async Task<BindRequest> CreateAsync(string name, int gpus)
    {
        var meta = _server.Put(
            ResourceType.Pods,
            $$$$"""{"metadata":{"name":"{{{{name}}}}"},"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"{{{{gpus}}}}"}}}]}}""");
        await _pump.PostAsync(ClusterChange.PodUpserted(MakePod.Named(name).Uid(meta.Uid).Gpus(gpus).Build()));
        return new BindRequest("default", name, meta.Uid, "n1", Seen: null);
    }

    private Task<int> FreeAsync(string node) => _pump.AskAsync(
        ledger => 8 - ledger.Pods.Where(pod => pod.NodeName == node).Sum(pod => pod.Pod.Shape.Gpu.Count), default);
}
