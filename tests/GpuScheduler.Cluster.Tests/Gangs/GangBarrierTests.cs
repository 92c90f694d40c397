using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Objects;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Tests.Gangs;

public sealed class GangBarrierTests : IAsyncLifetime, IBindObserver
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    /// <summary>So long that the fake clock never reaches it: these tests are not about a server that hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromDays(1);

    private GangHarness _cluster = null!;
    private ApiBinder _binder = null!;

    public async Task InitializeAsync()
    {
        _cluster = await GangHarness.StartAsync(nodes: 6);
        _binder = new ApiBinder(
            _cluster.Pump, _cluster.Api, new PodObjects(GpuResourceCatalog.Default), _cluster, this, _cluster.Time, Limit, new GangBarrier(_cluster.Pump, _cluster.Plans, _cluster.Time, Wait));
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    void IBindObserver.Bound(Pod pod, string nodeName, uint deviceMask)
    {
    }

    void IBindObserver.Refused(Pod pod, string nodeName, string reason)
    {
    }

    [Fact]
    public async Task BindAsync_AllButOneHaveCome_NobodyIsBoundAndTheLastLetsAllThrough()
    {
        var pods = await _cluster.CreateGangAsync("train", 4, gpus: 8);
        var early = pods.Take(3).Select(Bind).ToArray();
        await AllArrivedAsync("train", 3);
        Assert.Equal(0, BoundOf("train"));
        Assert.Equal(2 * 8, await FreeAsync());

        var last = await Bind(pods[3]);

        Assert.True(last.IsBound, last.Error);
        Assert.All(await Task.WhenAll(early), outcome => Assert.True(outcome.IsBound, outcome.Error));
        Assert.Equal(4, BoundOf("train"));
    }

    [Fact]
    public async Task BindAsync_OneNeverComes_AllAreSentBackAndTheRoomIsFree()
    {
        var pods = await _cluster.CreateGangAsync("train", 4, gpus: 8);
        var early = pods.Take(3).Select(Bind).ToArray();
        await AllArrivedAsync("train", 3);

        _cluster.Time.Advance(Wait);

        Assert.All(await Task.WhenAll(early), outcome => Assert.Equal("gang default/train: not all pods it starts with came within 10 s", outcome.Error));
        Assert.Equal(0, BoundOf("train"));
        Assert.Equal(6 * 8, await FreeAsync());

        // The next try starts from nothing.
        Assert.All(await Task.WhenAll(pods.Select(Bind)), outcome => Assert.True(outcome.IsBound, outcome.Error));
    }

    [Fact]
    public async Task BindAsync_ServerFailsForAWhile_EveryPodOfTheGangIsBoundAllTheSame()
    {
        var pods = await _cluster.CreateGangAsync("train", 4, gpus: 8);
        _cluster.Server.On("create", "pods/binding").Times(6).Answer(503, "ServiceUnavailable", "etcd has no leader");

        var binds = Task.WhenAll(pods.Select(Bind));

        // Time passes for the retries, not for the gathering.
        while (!_cluster.Server.Calls.Any(call => call.Resource == "pods/binding")) await Task.Yield();
        while (!binds.IsCompleted)
        {
            _cluster.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.All(await binds, outcome => Assert.True(outcome.IsBound, outcome.Error));
    }

    [Fact]
    public async Task DrainAsync_WhileAGangGathers_SendsItBackAtOnce()
    {
        var pods = await _cluster.CreateGangAsync("train", 2, gpus: 8);
        var early = Bind(pods[0]);
        await AllArrivedAsync("train", 1);

        await _binder.DrainAsync();

        Assert.Equal("gpu-scheduler stops binding", (await early).Error);
        Assert.Equal(6 * 8, await FreeAsync());
    }

    [Fact]
    public async Task BindAsync_LeadershipEndsWhileAGangGathers_BindsNobody()
    {
        var pods = await _cluster.CreateGangAsync("train", 2, gpus: 8);
        var early = Bind(pods[0]);
        await AllArrivedAsync("train", 1);
        _cluster.Refusal = "another replica leads";

        Assert.Equal("another replica leads", (await Bind(pods[1])).Error);
        _cluster.Refusal = null;

        // Whoever of the two is asked last, neither is bound: the second never came.
        _cluster.Time.Advance(Wait);
        Assert.False((await early).IsBound);
        Assert.Equal(0, BoundOf("train"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task BindAsync_GangsContendInAnyOrder_AsManyStartAsFitAndNoneInPart(int seed)
    {
        // 48 GPUs; nine gangs of eight pods with one GPU each: room for six.
        const int Gangs = 9, Size = 8, Room = 6;
        var random = new Random(seed);
        var pods = new List<Pod>();
        for (var g = 0; g < Gangs; g++) pods.AddRange(await _cluster.CreateGangAsync($"g{g}", Size, gpus: 1));
        var rounds = 0;

        while (Enumerable.Range(0, Gangs).Sum(g => BoundOf($"g{g}")) < Room * Size && rounds++ < 100)
        {
            // One pass of kube-scheduler over its queue, in any order, some pods left in backoff; every pod that passes filter is bound, all at once.
            var queue = pods.Where(pod => _cluster.Server.Get(ResourceType.Pods, "default", pod.Name)!["spec"]!["nodeName"] is null).ToArray();
            random.Shuffle(queue);
            var binds = queue.Where(_ => random.Next(4) > 0).Select(async pod =>
            {
                if (Filter(pod) is { } node) await BindTo(pod, node);
            }).ToArray();
            var all = Task.WhenAll(binds);
            for (var turn = 1; !all.IsCompleted; turn++)
            {
                // By then everyone who was asked has come.
                await _cluster.Pump.FlushAsync(default);
                if (turn % 500 == 0) _cluster.Time.Advance(Wait);
            }

            await all;
            await ConfirmAsync(pods);
            for (var g = 0; g < Gangs; g++) Assert.True(BoundOf($"g{g}") is 0 or Size, $"round {rounds}: {BoundOf($"g{g}")} of g{g} are bound");
        }

        Assert.Equal(Room, Enumerable.Range(0, Gangs).Count(g => BoundOf($"g{g}") == Size));
    }

    private string? Filter(Pod pod)
    {
        var snapshot = _cluster.Store.Current;
        var plan = _cluster.Plans.Of(snapshot, GangHarness.Key(pod.Labels["gpu-scheduler.io/gang"]));
        return plan?.PlaceOf(pod.Uid) is >= 0 and var place ? plan.Places[place].NodeName : null;
    }

    private async Task ConfirmAsync(List<Pod> pods)
    {
        foreach (var pod in pods)
        {
            if ((string?)_cluster.Server.Get(ResourceType.Pods, "default", pod.Name)!["spec"]!["nodeName"] is not { } node) continue;
            await _cluster.Pump.PostAsync(ClusterChange.PodUpserted(pod with { NodeName = node }));
        }

        await _cluster.Pump.FlushAsync(default);
    }

    private Task<BindOutcome> Bind(Pod pod) => BindTo(pod, Filter(pod) ?? "n0");

    private Task<BindOutcome> BindTo(Pod pod, string node) => _binder.BindAsync(new BindRequest("default", pod.Name, pod.Uid, node, Seen: null), default).AsTask();

    private async Task AllArrivedAsync(string gang, int count)
    {
        while (await _cluster.Pump.AskAsync(ledger => ledger.FindGang(GangHarness.Key(gang))!.Placed.Length, default) < count) await Task.Yield();
    }

    private int BoundOf(string gang) => _cluster.Server.All(ResourceType.Pods).Count(pod =>
        pod["spec"]!["nodeName"] is not null && ((string)pod["metadata"]!["name"]!).StartsWith($"{gang}-", StringComparison.Ordinal));

    private Task<int> FreeAsync() => _cluster.Pump.AskAsync(
        ledger =>
        {
            var free = 0;
            foreach (var page in ledger.Publish().Pages)
            {
                foreach (var whole in page.GpuWholeFree) free += whole;
            }

            return free;
        },
        default);
}
