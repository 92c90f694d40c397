using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Dashboard;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Dashboard;

public sealed class TrendTests
{
    private readonly SnapshotStore _store = new();

    [Fact]
    public void Take_PartlyUsedGpu_IsAllocatedAndFragmented()
    {
        Publish(milli: 250);
        var trend = new Trend(_store, new FakeTimeProvider());
        trend.Take();

        long seen = 0;
        var sample = Assert.Single(trend.Since(ref seen));

        // 250 of 2,000 thousandths are used; the other 750 of that GPU are in pieces.
        Assert.Equal(12.5, sample.AllocatedPercent, 6);
        Assert.Equal(37.5, sample.FragmentedPercent, 6);
    }

    [Fact]
    public void Since_SamplesSeenBefore_TellsOnlyNewOnes()
    {
        Publish(milli: 1);
        var trend = new Trend(_store, new FakeTimeProvider());
        long seen = 0;
        for (var i = 0; i < 3; i++) trend.Take();
        Assert.Equal(3, trend.Since(ref seen).Count);
        trend.Take();

        Assert.Single(trend.Since(ref seen));
        Assert.Empty(trend.Since(ref seen));
    }

    [Fact]
    public void Take_ForDays_KeepsAnHour()
    {
        Publish(milli: 1);
        var trend = new Trend(_store, new FakeTimeProvider());
        for (var i = 0; i < 5000; i++) trend.Take();

        long seen = 0;
        Assert.Equal(720, trend.Since(ref seen).Count);
    }

    private void Publish(int milli)
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("n").Cpu("8").Gpus(2).Resource(GpuResourceCatalog.GpuMilli, "2000").Build());
        ledger.UpsertPod(MakePod.Named("p").Request(GpuResourceCatalog.GpuMilli, $"{milli}").On("n").Build());
        _store.Publish(ledger.Publish());
    }
}
