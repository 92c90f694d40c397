using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Packing;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Planning;

public sealed class PlannedClusterTests
{
    private static readonly ScoringResolver Resolver = new(GpuResourceCatalog.Default);

    public static TheoryData<int, string> Cases()
    {
        var cases = new TheoryData<int, string>();
        for (var seed = 0; seed < 4; seed++)
        {
            foreach (var strategy in new[] { "PackGpus", "BalancedAllocation", "ResidualValue" }) cases.Add(seed, strategy);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void PlaceBest_ManyPods_ChoosesWhatALedgerWouldIfEachWerePlaced(int seed, string strategyName)
    {
        var cluster = new PackingCluster(seed);
        var snapshot = cluster.Churn(400);
        IScoringStrategy strategy = strategyName switch
        {
            "PackGpus" => new PackGpus(),
            "BalancedAllocation" => new BalancedAllocation(new ResourceWeights(1, 1, 5)),
            _ => PackingCluster.Build(strategyName, snapshot),
        };
        var planned = new PlannedCluster(snapshot, new LedgerOptions(), Resolver, _ => strategy);
        var random = new Random(seed);
        var placed = 0;

        for (var i = 0; i < 300; i++)
        {
            var shape = PackingCluster.Shapes[random.Next(PackingCluster.Shapes.Count)];
            var expected = BestOf(cluster.Ledger.Publish(), shape, strategy);
            Assert.Equal(expected, planned.PlaceBest(shape));
            if (expected is null) continue;
            placed++;
            Assert.True(cluster.Ledger.Assume(new Pod { Namespace = "d", Name = $"q{i}", Uid = $"q{i}", Shape = shape }, expected).IsPlaced);
        }

        Assert.True(placed > 50, "the test must place pods to mean anything");
    }

    [Fact]
    public void TryPlace_NodeFillsUp_SaysNoAndLeavesTheSnapshotAlone()
    {
        var snapshot = Snapshot(MakeNode.Named("n1").Gpus(2));
        var planned = Plan(snapshot);
        var shape = MakePod.Named("p").Gpus(1).Shape();

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => planned.TryPlace(shape, "n1")));
        Assert.Null(planned.PlaceBest(shape));
        Assert.Equal(2, snapshot.Pages[0].GpuWholeFree[0]);
    }

    [Fact]
    public void TryPlace_NoSuchNode_SaysNo() => Assert.False(Plan(Snapshot(MakeNode.Named("n1").Gpus(2))).TryPlace(MakePod.Named("p").Gpus(1).Shape(), "n2"));

    [Fact]
    public void Place_WhereItDoesNotFit_LeavesNoRoomForOthers()
    {
        var planned = Plan(Snapshot(MakeNode.Named("n1").Gpus(2), MakeNode.Named("n2").Gpus(1)));
        planned.Place(MakePod.Named("big").Gpus(4).Shape(), "n1");

        Assert.Equal("n2", planned.PlaceBest(MakePod.Named("p").Gpus(1).Shape()));
        Assert.Null(planned.PlaceBest(MakePod.Named("q").Gpus(1).Shape()));
    }

    private static PlannedCluster Plan(ClusterSnapshot snapshot) => new(snapshot, new LedgerOptions(), Resolver, _ => new PackGpus());

    private static ClusterSnapshot Snapshot(params IEnumerable<MakeNode> nodes)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node.Build());
        return ledger.Publish();
    }

    /// <summary>Every node asked, one after the other.</summary>
    private static string? BestOf(ClusterSnapshot snapshot, PodShape shape, IScoringStrategy strategy)
    {
        var filter = new PodFilter(snapshot.Tables, shape);
        var request = Resolver.Resolve(snapshot.Tables, shape);
        string? best = null;
        var bestScore = float.NegativeInfinity;
        var scores = new float[NodePage.RowCount];
        foreach (var page in snapshot.Pages)
        {
            strategy.Score(page, in request, scores);
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                if (filter.Check(page, row).IsNone && scores[row] > bestScore) (best, bestScore) = (page.Node(row)!.Name, scores[row]);
            }
        }

        return best;
    }
}
