using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Tests.Packing;

public class ShapeScoresTests
{
    [Theory]
    [InlineData("ResidualValue")]
    [InlineData("Fgd")]
    [InlineData("GpuClustering")]
    public void Update_FromSnapshotToSnapshot_EqualsScoringEverythingAnew(string policy)
    {
        var cluster = new PackingCluster(7);
        var snapshot = cluster.Churn(200);
        var strategy = PackingCluster.Build(policy, snapshot);
        var kept = PackingCluster.Shapes.ToDictionary(shape => shape, shape => new ShapeScores(shape, cluster.Resolver));
        for (var round = 0; round < 12; round++)
        {
            snapshot = cluster.Churn(10);
            foreach (var (shape, scores) in kept)
            {
                scores.Update(snapshot, strategy);
                var (best, all) = Specification(cluster, snapshot, strategy, shape);
                foreach (var (row, score) in all) Assert.Equal(score, scores[row]);
                Assert.Equal(best, scores.Best());
            }
        }
    }

    [Fact]
    public void Update_OneNodeChanged_ScoresOneRow()
    {
        var cluster = new PackingCluster(8);
        var snapshot = cluster.Churn(0);
        var strategy = PackingCluster.Build("ResidualValue", snapshot);
        var scores = new ShapeScores(PackingCluster.Shapes[1], cluster.Resolver);
        scores.Update(snapshot, strategy);
        var before = scores.RowsScored;

        do snapshot = cluster.Churn(1);
        while (snapshot.Pages[0].Generation != snapshot.Generation && snapshot.Pages[^1].Generation != snapshot.Generation);
        scores.Update(snapshot, strategy);

        Assert.InRange(scores.RowsScored - before, 0, 1);
    }

    [Fact]
    public void Best_RandomAmongEqual_ReachesEveryTiedRow()
    {
        var cluster = new PackingCluster(9, nodes: 20);
        var snapshot = cluster.Churn(0);
        var scores = new ShapeScores(PackingCluster.Shapes[0], cluster.Resolver);
        scores.Update(snapshot, PackingCluster.Build("GpuPacking", snapshot));
        var random = new Random(3);

        var reached = Enumerable.Range(0, 1000).Select(_ => scores.Best(random)).ToHashSet();

        Assert.Equal(20, reached.Count);
    }

    [Fact]
    public void Best_NoNodes_IsNone()
    {
        var cluster = new PackingCluster(9, nodes: 0);
        var scores = new ShapeScores(PackingCluster.Shapes[0], cluster.Resolver);
        var snapshot = cluster.Churn(0);
        scores.Update(snapshot, PackingCluster.Build("ResidualValue", snapshot));

        Assert.Equal(-1, scores.Best());
    }

    /// <summary>Every row by itself: the first with the greatest score among those that fit.</summary>
    private static (int Best, List<(int Row, float Score)> All) Specification(
        PackingCluster cluster, ClusterSnapshot snapshot, PackingStrategy strategy, Core.Objects.PodShape shape)
    {
        var filter = new PodFilter(snapshot.Tables, shape);
        var request = cluster.Resolver.Resolve(snapshot.Tables, shape);
        var all = new List<(int Row, float Score)>();
        var best = -1;
        var bestScore = float.NegativeInfinity;
        foreach (var (page, row) in PackingCluster.Rows(snapshot))
        {
            var score = filter.Check(page, row).IsNone ? strategy.ScoreRow(page, row, request) : float.NegativeInfinity;
            all.Add((page.FirstRow + row, score));
            if (score > bestScore) (best, bestScore) = (page.FirstRow + row, score);
        }

        return (best, all);
    }
}
