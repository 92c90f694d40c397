using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Scoring;

/// <summary>Numbers worked out by hand from the formulas of Kubernetes' <c>noderesources</c> plugins.</summary>
public sealed class StrategyTests
{
    private const string Mig1g = "nvidia.com/mig-1g.10gb";

    // With the pod: cpu 2000+1000 of 4000 = 75 %, memory 1024+1024 of 8192 = 25 %, GPUs 500+1000 of 4000 = 37.5 %.
    private static readonly MakePage OneNode = new MakePage().Node((4000, 2000), (8192, 7168), [1000, 1000, 1000, 500]);
    private static readonly PodShape Pod = MakePod.Named("p").Cpu("1").Memory("1Gi").Gpus(1).Shape();
    private static readonly PodShape CpuPod = MakePod.Named("p").Cpu("1").Memory("1Gi").Shape();

    [Fact]
    public void MostAllocated_EqualWeights_IsMeanUtilisation() =>
        Assert.Equal((75 + 25 + 37.5) / 3, OneNode.Score(new MostAllocated(), Pod)[0], 1e-4);

    [Fact]
    public void MostAllocated_Weights_CountEachResource() =>
        Assert.Equal((75 + (2 * 25) + (5 * 37.5)) / 8, OneNode.Score(new MostAllocated(new ResourceWeights(1, 2, 5)), Pod)[0], 1e-4);

    [Fact]
    public void MostAllocated_PodWithoutGpus_LeavesGpusOut() =>
        Assert.Equal((75 + 25) / 2.0, OneNode.Score(new MostAllocated(), CpuPod)[0], 1e-4);

    [Fact]
    public void MostAllocated_ResourceTheNodeLacks_DropsOutOfTheWeights()
    {
        var page = new MakePage().Node((4000, 2000), (8192, 7168));
        Assert.Equal((75 + 25) / 2.0, page.Score(new MostAllocated(), Pod)[0], 1e-4);
    }

    [Fact]
    public void MostAllocated_OverCommittedNode_CountsAsFull()
    {
        var page = new MakePage().Node((4000, -9000), (8192, 7168));
        Assert.Equal((100 + 25) / 2.0, page.Score(new MostAllocated(), CpuPod)[0], 1e-4);
    }

    [Fact]
    public void MostAllocated_MigPod_LooksAtTheSlicesColumn()
    {
        var page = new MakePage().Node((4000, 4000), default, [1000], (Mig1g, 7, 3));
        var shape = MakePod.Named("p").MigSlices("1g.10gb", 2).Shape();
        Assert.Equal(100 * 6 / 7.0, page.Score(new MostAllocated(new ResourceWeights(0, 0, 1)), shape)[0], 1e-4);
    }

    [Fact]
    public void MostAllocated_GpuMilliPod_CountsThousandthsOfDevices()
    {
        var shape = MakePod.Named("p").GpuMilli(250).Shape();
        Assert.Equal(100 * 750 / 4000.0, OneNode.Score(new MostAllocated(new ResourceWeights(0, 0, 1)), shape)[0], 1e-4);
    }

    [Fact]
    public void MostAllocated_ResourceNoNodeOffers_DropsOut()
    {
        var shape = MakePod.Named("p").Cpu("1").MigSlices("7g.80gb", 1).Shape();
        Assert.Equal((75 + 12.5) / 2, OneNode.Score(new MostAllocated(), shape)[0], 1e-4);
    }

    [Fact]
    public void LeastAllocated_EqualWeights_IsMeanFreeShare() =>
        Assert.Equal((25 + 75 + 62.5) / 3, OneNode.Score(new LeastAllocated(), Pod)[0], 1e-4);

    [Fact]
    public void BalancedAllocation_TwoResources_IsHalfTheirDistance() =>
        Assert.Equal(100 * (1 - ((0.75 - 0.25) / 2)), OneNode.Score(new BalancedAllocation(), CpuPod)[0], 1e-4);

    [Fact]
    public void BalancedAllocation_ThreeResources_IsStandardDeviation()
    {
        var mean = (0.75 + 0.25 + 0.375) / 3;
        var std = Math.Sqrt((Math.Pow(0.75 - mean, 2) + Math.Pow(0.25 - mean, 2) + Math.Pow(0.375 - mean, 2)) / 3);
        Assert.Equal(100 * (1 - std), OneNode.Score(new BalancedAllocation(), Pod)[0], 1e-4);
    }

    [Fact]
    public void BalancedAllocation_PodThatAsksForNothing_HasNoPreference() =>
        Assert.All(OneNode.Score(new BalancedAllocation(), MakePod.Named("p").Shape()), score => Assert.Equal(0, score));

    [Theory]
    [InlineData(0, 20)]
    [InlineData(10, 20)]
    [InlineData(30, 60)]
    [InlineData(50, 100)]
    [InlineData(75, 75)]
    [InlineData(100, 50)]
    public void RequestedToCapacityRatio_Shape_IsPiecewiseLinear(int percent, double expected)
    {
        var shape = new UtilizationShape(new(10, 2), new(50, 10), new UtilizationPoint(100, 5));
        var page = new MakePage().Node((1000, 1000 - (percent * 10)));
        var strategy = new RequestedToCapacityRatio(shape, new ResourceWeights(1, 0, 0));
        Assert.Equal(expected, page.Score(strategy, MakePod.Named("p").Shape())[0], 1e-4);
    }

    [Fact]
    public void RequestedToCapacityRatio_ResourceWorthNothing_DropsOutOfTheWeights()
    {
        var shape = new UtilizationShape(new(50, 0), new UtilizationPoint(100, 10));
        Assert.Equal(50, OneNode.Score(new RequestedToCapacityRatio(shape), CpuPod)[0], 1e-4);
    }

    [Fact]
    public void UtilizationShape_BadPoints_SayWhichAndWhy()
    {
        Assert.Contains("at least one point", Assert.Throws<ArgumentException>(() => new UtilizationShape()).Message, StringComparison.Ordinal);
        Assert.Contains("point 0: utilization 101", Fails(new UtilizationPoint(101, 0)), StringComparison.Ordinal);
        Assert.Contains("point 0: score 11", Fails(new UtilizationPoint(1, 11)), StringComparison.Ordinal);
        Assert.Contains("point 1: utilization 5 is not above 5", Fails(new(5, 0), new(5, 1)), StringComparison.Ordinal);

        static string Fails(params UtilizationPoint[] points) => Assert.Throws<ArgumentException>(() => new UtilizationShape(points)).Message;
    }

    [Theory]
    [InlineData(-1, 1, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(1, float.NaN, 1)]
    [InlineData(1, 1, float.PositiveInfinity)]
    public void ResourceWeights_BadWeight_Throws(float cpu, float memory, float gpu) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResourceWeights(cpu, memory, gpu));

    [Fact]
    public void PackGpus_GpuPod_PrefersFullerGpusThenFullerCpu()
    {
        var page = new MakePage()
            .Node((4000, 4000), default, [1000, 0])
            .Node((4000, 0), default, [1000, 1000])
            .Node((4000, 2000), default, [1000, 0]);
        var scores = page.Score(new PackGpus(), MakePod.Named("p").Cpu("100m").Gpus(1).Shape());
        Assert.True(scores[2] > scores[0] && scores[0] > scores[1], string.Join(' ', scores[..3]));
    }

    [Fact]
    public void PackGpus_PodWithoutGpus_PrefersNoGpusThenFewestFreeGpus()
    {
        var page = new MakePage()
            .Node((4000, 100), default, [1000, 1000])
            .Node((4000, 4000), default, [1000, 0, 0, 0])
            .Node((4000, 4000), default, [0, 0])
            .Node((4000, 4000), default, [], (Mig1g, 7, 7))
            .Node((4000, 4000));
        var scores = page.Score(new PackGpus(), CpuPod);
        int[] best = [.. Enumerable.Range(0, 5).OrderByDescending(row => scores[row])];
        Assert.Equal(4, best[0]);
        Assert.Equal(2, best[1]);
        Assert.Equal(0, best[^1]);
        Assert.Equal(scores[1], scores[3]); // one free device weighs as much as a wholly free MIG resource
    }

    [Fact]
    public void Explain_PackGpus_NamesResourcesAndAmounts()
    {
        var terms = new PackGpus().Explain(OneNode.Page, 0, OneNode.Resolve(Pod));
        Assert.Equal([GpuResourceCatalog.NvidiaGpu, "cpu", "memory"], terms.Select(term => term.Name));
        Assert.Equal("1500 of 4000 with this pod", terms[0].Detail);
        Assert.Equal(4096 * 0.375f, terms[0].Points);
    }

    [Fact]
    public void Score_FewerPlacesThanRows_Throws() => Assert.All(Arbitraries.Strategies(ScoringWidth.Best), strategy =>
        Assert.Throws<ArgumentOutOfRangeException>(() => strategy.Score(OneNode.Page, OneNode.Resolve(Pod), new float[255])));

    [Fact]
    public void Score_SteadyState_AllocatesNothing()
    {
        var resolver = new ScoringResolver(GpuResourceCatalog.Default);
        var scores = new float[Core.Snapshots.NodePage.RowCount];
        var normalized = new byte[scores.Length];
        var tables = OneNode.Resolve(Pod).Tables;
        foreach (var strategy in Arbitraries.Strategies(ScoringWidth.Best))
        {
            foreach (var shape in new[] { Pod, CpuPod })
            {
                ScoreOnce(strategy, shape);
                Assert.Equal(0, Allocations.Least(_ => ScoreOnce(strategy, shape)));
            }
        }

        void ScoreOnce(IScoringStrategy strategy, PodShape shape)
        {
            strategy.Score(OneNode.Page, resolver.Resolve(tables, shape), scores);
            ScoreNormalizer.Normalize(scores, normalized);
        }
    }
}
