using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Gangs;

public sealed class GangReserverTests
{
    private static readonly TimeSpan After = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task RunOnceAsync_GangWaitsLong_NodesAreKeptInTheNextSnapshotAndLetGoWhenItIsGone()
    {
        var (time, store, options) = (new FakeTimeProvider(), new SnapshotStore(), new LedgerOptions());
        await using var pump = new ClusterPump(new ClusterLedger(options), store, time, NullLogger<ClusterPump>.Instance);
        var reserver = new GangReserver(pump, store, new GangReserving(new GangPlans(options), options, After), time, NullLogger<GangReserver>.Instance);
        for (var i = 0; i < 3; i++) await pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named($"n{i}").Cpu("96").Memory("1Ti").Gpus(8).Build()));
        for (var i = 0; i < 2; i++) await pump.PostAsync(ClusterChange.PodUpserted(MakePod.Named($"busy-{i}").Gpus(1).Cpu("1").On($"n{i}").Build()));
        var members = Enumerable.Range(0, 2).Select(i => MakePod.Named($"big-{i}").Gpus(8).Cpu("1").CreatedAt(time.GetUtcNow())
            .Label("gpu-scheduler.io/gang", "big").Annotation("gpu-scheduler.io/gang-size", "2").Build()).ToArray();
        foreach (var pod in members) await pump.PostAsync(ClusterChange.PodUpserted(pod));
        await pump.FlushAsync(default);

        await reserver.RunOnceAsync();
        Assert.Null(store.Current.Reservation);

        time.Advance(After);
        await reserver.RunOnceAsync();
        Assert.Equal(["n0", "n2"], store.Current.Reservation!.Nodes.ToArray());
        Assert.Equal(AssumeResult.DoesNotFit, (await pump.AssumeAsync(MakePod.Named("other").Gpus(1).Build(), "n2", default)).Result);

        foreach (var pod in members) await pump.PostAsync(ClusterChange.PodDeleted(pod.Uid));
        await pump.FlushAsync(default);
        await reserver.RunOnceAsync();
        Assert.Null(store.Current.Reservation);
        Assert.True((await pump.AssumeAsync(MakePod.Named("another").Gpus(1).Build(), "n2", default)).IsPlaced);
    }
}
