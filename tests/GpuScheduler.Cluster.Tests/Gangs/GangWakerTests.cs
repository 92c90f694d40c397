using System.Collections.Immutable;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Gangs;

public sealed class GangWakerTests : IAsyncLifetime
{
    private GangHarness _cluster = null!;
    private GangWaker _waker = null!;

    public async Task InitializeAsync()
    {
        _cluster = await GangHarness.StartAsync(nodes: 2);
        _waker = new GangWaker(_cluster.Pump, _cluster.Store, _cluster.Plans, _cluster.Api, _cluster, _cluster.Time, NullLogger<GangWaker>.Instance);
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task RunOnceAsync_GangCouldStartAndDoesNotCome_IsWokenAfterAWhileAndThenLessOften()
    {
        await _cluster.CreateGangAsync("train", 2, size: 2);

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
        await _cluster.CreateGangAsync("train", pods, size: size);

        Assert.Equal(0, await WokenAfterAsync(0));
        Assert.Equal(0, await WokenAfterAsync(60));
    }

    [Fact]
    public async Task RunOnceAsync_MayNotActNow_WakesNobody()
    {
        await _cluster.CreateGangAsync("train", 2, size: 2);
        _cluster.Refusal = "another replica leads";

        Assert.Equal(0, await WokenAfterAsync(0));
        Assert.Equal(0, await WokenAfterAsync(60));
    }

    [Fact]
    public async Task RunOnceAsync_GangNeverComes_IsSetAsideForTheNext()
    {
        await _cluster.CreateGangAsync("stuck", 2, size: 2);
        await _cluster.CreateGangAsync("younger", 2, size: 2);
        Assert.False(_cluster.Plans.Of(_cluster.Store.Current, GangHarness.Key("younger"))!.Fits);

        for (var seconds = 0; seconds < 70; seconds++) await WokenAfterAsync(1);

        Assert.True(_cluster.Plans.Of(_cluster.Store.Current, GangHarness.Key("younger"))!.Fits);
    }

    [Fact]
    public async Task RunOnceAsync_GangThatNodesAreKeptForIsDeleted_WakesTheSinglePodsThatWereHeldBackOnce()
    {
        var gang = await _cluster.CreateGangAsync("big", 3, size: 3);
        await _cluster.CreateAsync("held", gpus: 4);
        await _cluster.CreateAsync("too-large", gpus: 9);
        await KeepAsync(["n0", "n1"]);
        Assert.Equal(0, await WokenAfterAsync(1));

        foreach (var pod in gang) await _cluster.Pump.PostAsync(ClusterChange.PodDeleted(pod.Uid));
        await KeepAsync([]);

        Assert.Equal(1, await WokenAfterAsync(1));
        Assert.Equal("held", _cluster.Server.Calls.Last(call => call.Verb == "patch").Name);
        Assert.Equal(0, await WokenAfterAsync(60));
    }

    [Fact]
    public async Task RunOnceAsync_GangThatNodesAreKeptForIsDeleted_WakesTheGangThatWasHeldBack()
    {
        var gang = await _cluster.CreateGangAsync("big", 3, size: 3);
        await _cluster.CreateGangAsync("small", 2, size: 2);
        await KeepAsync(["n0", "n1"]);
        Assert.Equal(0, await WokenAfterAsync(60));
        Assert.Equal(0, await WokenAfterAsync(60));

        foreach (var pod in gang) await _cluster.Pump.PostAsync(ClusterChange.PodDeleted(pod.Uid));
        await KeepAsync([]);

        Assert.Equal(0, await WokenAfterAsync(1));
        Assert.Equal(2, await WokenAfterAsync(2));
    }

    [Fact]
    public async Task NominationPlan_GangThatNodesAreKeptFor_GoesThereAndNobodyElse()
    {
        var holder = await _cluster.CreateGangAsync("big", 2, size: 2);
        var single = await _cluster.CreateAsync("single", gpus: 1);
        await KeepAsync(["n0", "n1"]);

        Assert.Equal(["big-0 n0", "big-1 n1"], Nominate([.. holder, single]));
    }

    [Fact]
    public async Task NominationPlan_PodsOfAGang_GoWhereTheirGangIsPlannedOrNowhere()
    {
        var fits = await _cluster.CreateGangAsync("fits", 2, size: 2);
        var tooBig = await _cluster.CreateGangAsync("toobig", 3, size: 3);
        Assert.Equal(["fits-0 n0", "fits-1 n1"], Nominate([.. fits, .. tooBig]));
    }

    /// <summary>Whom nominations go to, and where, as <see cref="Nominator"/> asks for them.</summary>
    private IEnumerable<string> Nominate(IEnumerable<Pod> pods)
    {
        var snapshot = _cluster.Store.Current;
        var cluster = new PlannedCluster(snapshot, new LedgerOptions(), new ScoringResolver(GpuResourceCatalog.Default), _ => new PackGpus());
        var waiting = pods.Select(pod => new WaitingPod(pod, NominationOwner.None, null, MayWrite: true)).ToList();
        var plan = NominationPlan.Make(cluster, waiting, _ => true, pod => PlannedMember.Of(snapshot, _cluster.Plans, pod));
        return plan.Additions.Select(write => $"{write.Pod.Pod.Name} {write.To}").Order();
    }

    private async Task KeepAsync(ImmutableArray<string> nodes) => await _cluster.Pump.AskAsync(
        ledger =>
        {
            ledger.KeepFor(nodes.IsEmpty ? null : new GangReservation(GangHarness.Key("big"), 0, "", nodes));
            return true;
        },
        default);

    private async Task<int> WokenAfterAsync(int seconds)
    {
        _cluster.Time.Advance(TimeSpan.FromSeconds(seconds));
        var before = Count();
        await _waker.RunOnceAsync(default);
        return Count() - before;

        int Count() => _cluster.Server.Calls.Count(call => call.Verb == "patch" && call.Resource == "pods/status");
    }
}
