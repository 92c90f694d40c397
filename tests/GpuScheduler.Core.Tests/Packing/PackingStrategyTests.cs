using System.Numerics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Tests.Packing;

public class PackingStrategyTests
{
    public static TheoryData<string> Repeatable => [.. PackingPolicies.Names.Where(name => name != "Random")];

    [Theory]
    [MemberData(nameof(Repeatable))]
    public void Score_WholePage_EqualsTheScoreOfEachRow(string policy)
    {
        var cluster = new PackingCluster(1);
        var snapshot = cluster.Churn(600);
        var strategy = PackingCluster.Build(policy, snapshot);
        var scores = new float[NodePage.RowCount];
        foreach (var shape in PackingCluster.Shapes)
        {
            var request = cluster.Resolver.Resolve(snapshot.Tables, shape);
            foreach (var page in snapshot.Pages)
            {
                strategy.Score(page, request, scores);
                for (var row = 0; row < NodePage.RowCount; row++)
                {
                    if (page.Node(row) is not null) Assert.Equal(strategy.ScoreRow(page, row, request), scores[row]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Repeatable))]
    public void Explain_EveryFittingRow_TermsAddUpToTheScore(string policy)
    {
        var cluster = new PackingCluster(2);
        var snapshot = cluster.Churn(600);
        var strategy = PackingCluster.Build(policy, snapshot);
        foreach (var shape in PackingCluster.Shapes)
        {
            var request = cluster.Resolver.Resolve(snapshot.Tables, shape);
            var filter = new PodFilter(snapshot.Tables, shape);
            foreach (var (page, row) in PackingCluster.Rows(snapshot))
            {
                if (!filter.Check(page, row).IsNone) continue;
                var score = strategy.ScoreRow(page, row, request);
                var terms = strategy.Explain(page, row, request);
                Assert.InRange(terms.Sum(term => (double)term.Points), score - 0.1, score + 0.1);
                Assert.All(terms, term => Assert.NotEmpty(term.Name));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Repeatable))]
    public void Score_FittingRow_IsFinite(string policy)
    {
        var cluster = new PackingCluster(3);
        var snapshot = cluster.Churn(600);
        var strategy = PackingCluster.Build(policy, snapshot);
        foreach (var shape in PackingCluster.Shapes)
        {
            var request = cluster.Resolver.Resolve(snapshot.Tables, shape);
            var filter = new PodFilter(snapshot.Tables, shape);
            foreach (var (page, row) in PackingCluster.Rows(snapshot))
            {
                if (filter.Check(page, row).IsNone) Assert.True(float.IsFinite(strategy.ScoreRow(page, row, request)));
            }
        }
    }

    [Theory]
    [InlineData("Random")]
    [MemberData(nameof(Repeatable))]
    public void ChooseDevices_FittingRow_AreAsManyAsAskedWithRoomOnEach(string policy)
    {
        var cluster = new PackingCluster(4);
        var snapshot = cluster.Churn(600);
        var strategy = PackingCluster.Build(policy, snapshot);
        foreach (var shape in PackingCluster.Shapes)
        {
            var filter = new PodFilter(snapshot.Tables, shape);
            foreach (var (page, row) in PackingCluster.Rows(snapshot))
            {
                if (!filter.Check(page, row).IsNone) continue;
                var devices = strategy.ChooseDevices(page, row, shape);
                Assert.Equal(shape.Gpu.Count, BitOperations.PopCount(devices));
                for (var rest = devices; rest != 0; rest &= rest - 1)
                {
                    Assert.True(page.DeviceFreeMilli(row)[BitOperations.TrailingZeroCount(rest)] >= shape.Gpu.MilliPerGpu);
                }
            }
        }
    }

    [Fact]
    public void Find_UnknownName_IsNull() => Assert.Null(PackingPolicies.Find("Tetris"));

    [Fact]
    public void Find_EveryName_HasThatNameWhateverTheCase() =>
        Assert.All(PackingPolicies.Names, name => Assert.Equal(name, PackingPolicies.Find(name.ToLowerInvariant())!.Name));
}
