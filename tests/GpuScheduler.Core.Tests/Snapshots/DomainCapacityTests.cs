using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Snapshots;

/// <summary>What is kept per topology domain from event to event, against a count of everything.</summary>
public sealed class DomainCapacityTests
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const string Rack = "network.topology.nvidia.com/leaf";

    [Fact]
    public void Publish_NodesAndPods_CountsEveryLevelAndTheCluster()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(Node("a", "z1", "r1", "c1", gpus: 8));
        ledger.UpsertNode(Node("b", "z1", "r1", "c2", gpus: 4));
        ledger.UpsertNode(Node("c", "z2", "r1", "c1", gpus: 8));
        ledger.UpsertPod(MakePod.Named("p").Gpus(3).On("a").Build());

        var snapshot = ledger.Publish();

        Assert.Equal((3, 20, 17_000, 17), Of(snapshot, DomainTable.Cluster));
        Assert.Equal((2, 12, 9_000, 9), Of(snapshot, DomainOf(snapshot, "a", Rack)));
        Assert.Equal((1, 8, 8_000, 8), Of(snapshot, DomainOf(snapshot, "c", Rack)));
        Assert.Equal(2, snapshot.Domains.RoomFor(DomainOf(snapshot, "a", Rack), gpusPerPod: 4));
        Assert.False(snapshot.Domains.IsWhole(DomainOf(snapshot, "a", TopologyLevels.Clique)));
        Assert.True(snapshot.Domains.IsWhole(DomainOf(snapshot, "b", TopologyLevels.Clique)));
    }

    [Fact]
    public void RoomFor_DomainWithGpusThatAreOnlyCounted_IsNotBounded()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("shared").Cpu("8").MigSlices("1g.10gb", 7).Label(Rack, "r").Build());

        Assert.Equal(int.MaxValue, ledger.Publish().Domains.RoomFor(1, gpusPerPod: 1));
    }

    [Fact]
    public void DomainOpenness_FirstPodInARack_ChangesEveryNodeOfTheRackAndNoOther()
    {
        var ledger = new ClusterLedger();
        foreach (var rack in new[] { "r1", "r2" })
        {
            for (var i = 0; i < 3; i++) ledger.UpsertNode(Node($"{rack}-{i}", "z", rack, "", gpus: 8));
        }

        var before = ledger.Publish();
        ledger.UpsertPod(MakePod.Named("p").Gpus(1).On("r1-0").Build());
        var after = ledger.Publish();

        Assert.Equal([10, 10, 10, 10, 10, 10], Openness(before));
        Assert.Equal([9, 9, 9, 10, 10, 10], Openness(after));
        Assert.All(Enumerable.Range(0, 3), row => Assert.Equal(after.Generation, after.Pages[0].RowGeneration(row)));
        Assert.All(Enumerable.Range(3, 3), row => Assert.Equal(before.Generation, after.Pages[0].RowGeneration(row)));
    }

    [Fact]
    public void DomainOpenness_NoTopology_IsTheSharedColumnOfZeros()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("a").Cpu("8").Gpus(8).Build());
        ledger.UpsertPod(MakePod.Named("p").Gpus(1).On("a").Build());

        Assert.False(ledger.Publish().Pages[0].HasOpenness);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Publish_AnyHistory_EqualsARecountAndKeptScoresEqualFreshOnes(int seed)
    {
        var random = new Random(seed);
        var ledger = new ClusterLedger();
        var shape = MakePod.Named("q").Cpu("2").Memory("4Gi").Gpus(1).Shape();
        var resolver = new ScoringResolver(GpuResourceCatalog.Default);
        var kept = new ShapeScores(shape, resolver);
        PackingStrategy? strategy = null;
        for (var step = 0; step < 400; step++)
        {
            for (var i = random.Next(3); i >= 0; i--) Change(ledger, random);
            var snapshot = ledger.Publish();
            Assert.Empty(DomainCapacity.Recount(snapshot).DifferencesFrom(snapshot.Domains));
            AssertOpenness(snapshot);

            strategy ??= PackingPolicies.Find("ResidualValue")!.Build(WorkloadMix.Count([shape]), snapshot);
            var fresh = new ShapeScores(shape, resolver);
            kept.Update(snapshot, strategy);
            fresh.Update(snapshot, strategy);
            for (var row = 0; row < snapshot.Pages.Length * NodePage.RowCount; row++) Assert.Equal(fresh[row], kept[row]);
            if (step % 20 == 0) AssertTrialCounts(snapshot, random);
        }
    }

    /// <summary>What is placed in thought is counted in the domains too, and a fork leaves the other one's numbers alone.</summary>
    private static void AssertTrialCounts(ClusterSnapshot snapshot, Random random)
    {
        if (snapshot.NodeCount == 0) return;
        var trial = new TrialCluster(snapshot, new LedgerOptions());
        var other = trial.Fork();
        var row = snapshot.Names.Rows[random.Next(snapshot.NodeCount)].Row;
        var free = snapshot.PageOf(row).GpuWholeFree[row & NodePage.RowMask];
        if (free == 0) return;
        other.Place(MakePod.Named("t").Gpus(free).Shape(), row);

        Assert.Equal(snapshot.Domains.FreeGpusOf(DomainTable.Cluster) - free, other.Domains.FreeGpusOf(DomainTable.Cluster));
        Assert.Equal(snapshot.Domains.FreeGpusOf(DomainTable.Cluster), trial.Domains.FreeGpusOf(DomainTable.Cluster));
    }

    private static void Change(ClusterLedger ledger, Random random)
    {
        var node = $"n{random.Next(40)}";
        switch (random.Next(10))
        {
            case 0:
                ledger.DeleteNode(node);
                break;
            case 1 or 2:
                // Nodes move between racks, lose their labels, and get other GPUs.
                ledger.UpsertNode(Node(node, random.Next(4) == 0 ? "" : $"z{random.Next(2)}", random.Next(4) == 0 ? "" : $"r{random.Next(3)}", random.Next(4) == 0 ? "" : $"c{random.Next(5)}", random.Next(3) * 4));
                break;
            case 3 or 4:
                ledger.DeletePod(MakePod.Named($"p{random.Next(60)}").Build().Uid);
                break;
            case 5:
                ledger.UpsertPod(MakePod.Named($"p{random.Next(60)}").GpuMilli(100 * random.Next(1, 10)).Cpu("1").On(node).Build(), isInOrder: true);
                break;
            default:
                ledger.UpsertPod(MakePod.Named($"p{random.Next(60)}").Gpus(random.Next(1, 5)).Cpu("1").On(node).Build(), isInOrder: true);
                break;
        }
    }

    private static void AssertOpenness(ClusterSnapshot snapshot)
    {
        foreach (var node in snapshot.Names.Rows)
        {
            var (page, at) = (snapshot.PageOf(node.Row), node.Row & NodePage.RowMask);
            var expected = 0;
            for (var level = 0; level < snapshot.Tables.Levels.Keys.Count; level++)
            {
                if (page.Domain(level)[at] is > 0 and var domain && snapshot.Tables.Levels.IsOfNetwork(level))
                {
                    expected += DomainOpenness.Of(snapshot.Domains.NodesOf(domain), snapshot.Domains.GpusOf(domain), snapshot.Domains.FreeMilliOf(domain));
                }
            }

            Assert.Equal(expected, page.DomainOpenness[at]);
        }
    }

    private static int[] Openness(ClusterSnapshot snapshot) => [.. snapshot.Names.Rows.ToArray().Select(row => snapshot.PageOf(row.Row).DomainOpenness[row.Row & NodePage.RowMask])];

    private static (int Nodes, int Gpus, int FreeMilli, int FreeGpus) Of(ClusterSnapshot snapshot, int domain) =>
        (snapshot.Domains.NodesOf(domain), snapshot.Domains.GpusOf(domain), snapshot.Domains.FreeMilliOf(domain), snapshot.Domains.FreeGpusOf(domain));

    private static int DomainOf(ClusterSnapshot snapshot, string node, string key)
    {
        var row = snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(node))!.Row;
        return snapshot.PageOf(row).Domain(snapshot.Tables.Levels.Keys.ToList().IndexOf(key))[row & NodePage.RowMask];
    }

    private static Node Node(string name, string zone, string rack, string clique, int gpus)
    {
        var node = MakeNode.Named(name).Cpu("96").Memory("1Ti");
        if (gpus > 0) node = node.Gpus(gpus);
        if (zone.Length > 0) node = node.Label(Zone, zone);
        if (rack.Length > 0) node = node.Label(Rack, rack);
        if (clique.Length > 0) node = node.Label(TopologyLevels.Clique, clique);
        return node.Build();
    }
}
