using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Packing;

public class StrandingResourcesTests
{
    private const string Network = "rdma/hca";

    [Fact]
    public void Find_NodesRunOutOfGpusFirst_NothingIsPriced()
    {
        var cluster = Cluster(networkDevices: 8);
        var mix = WorkloadMix.Count([Pod(0), Pod(1)]);

        Assert.Empty(StrandingResources.Find(mix, cluster, 0.01, 7));
        Assert.Equal(ShadowPrices.BaseCount, ShadowPrices.For(cluster, mix, new ResidualValueOptions()).Count);
    }

    [Fact]
    public void Find_NodesRunOutOfDevicesFirst_TheyArePriced()
    {
        var cluster = Cluster(networkDevices: 2);
        var prices = ShadowPrices.For(cluster, WorkloadMix.Count([Pod(0), Pod(1)]), new ResidualValueOptions());

        Assert.Equal(2 * ShadowPrices.BaseCount, prices.Count);
        Assert.Equal(Network, Assert.Single(prices.Extras).Name);
        Assert.Contains("mostly " + Network, Enumerable.Range(0, prices.Count).Select(prices.NameOf));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(100, true)]
    public void Find_ManySmallSharesPerNode_PlacesForPodsArePriced(int sharesPerGpu, bool isPriced)
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("n").Cpu("64").Memory("256Gi").Gpus(4).Resource(GpuResourceCatalog.GpuMilli, "4000").Resource(ResourceNames.Pods, "110").Build());
        var mix = WorkloadMix.Count([MakePod.Named("p").Cpu("100m").GpuMilli(1000 / sharesPerGpu).Build().Shape]);

        Assert.Equal(isPriced ? [ResourceTable.Pods] : [], StrandingResources.Find(mix, ledger.Publish(), 0.01, 7));
    }

    [Fact]
    public void Find_MoreResourcesThanLanes_TheWorstArePriced()
    {
        var ledger = new ClusterLedger();
        var node = MakeNode.Named("n").Cpu("64").Memory("256Gi").Gpus(8);
        var pod = MakePod.Named("p").Cpu("1").Gpus(1);
        for (var i = 0; i < 9; i++)
        {
            node = node.Resource($"example.com/r{i}", $"{i}");
            pod = pod.Request($"example.com/r{i}", "1");
        }

        ledger.UpsertNode(node.Build());
        var prices = ShadowPrices.For(ledger.Publish(), WorkloadMix.Count([pod.Build().Shape]), new ResidualValueOptions());

        Assert.Equal(Enumerable.Range(0, ShadowPrices.MaxExtras).Select(i => $"example.com/r{i}"), prices.Extras.Select(extra => extra.Name));
        Assert.Equal(2 * ShadowPrices.BaseCount, prices.Count);
    }

    [Fact]
    public void ScoreRow_DevicesAreWhatRunsOut_PodWithoutThemGoesWhereFewAre()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(Node("many", 8));
        ledger.UpsertNode(Node("few", 1));
        var snapshot = ledger.Publish();
        var mix = WorkloadMix.Count([Pod(0), Pod(1), Pod(1)]);

        Assert.Equal("few", Best(Pod(0), new ResidualValueOptions()));
        Assert.Equal("many", Best(Pod(1), new ResidualValueOptions()));
        Assert.Equal("many", Best(Pod(0), new ResidualValueOptions { StrandingFrom = 1 }));

        string Best(Core.Objects.PodShape shape, ResidualValueOptions options)
        {
            var scores = new ShapeScores(shape, new ScoringResolver(GpuResourceCatalog.Default));
            scores.Update(snapshot, PackingPolicies.Find("ResidualValue", options)!.Build(mix, snapshot));
            return snapshot.Pages[0].Node(scores.Best())!.Name;
        }
    }

    private static ClusterSnapshot Cluster(int networkDevices)
    {
        var ledger = new ClusterLedger();
        for (var i = 0; i < 4; i++) ledger.UpsertNode(Node($"n{i}", networkDevices));
        return ledger.Publish();
    }

    private static Core.Objects.Node Node(string name, int networkDevices) => MakeNode.Named(name).Cpu("128").Memory("1Ti")
        .Gpus(8).Resource(Network, $"{networkDevices}").Build();

    private static Core.Objects.PodShape Pod(int networkDevices)
    {
        var pod = MakePod.Named("p").Cpu("4").Memory("16Gi").Gpus(1);
        return (networkDevices > 0 ? pod.Request(Network, $"{networkDevices}") : pod).Build().Shape;
    }
}
