using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Tests.Replays;

public class InflationReplayTests
{
    private const long ClusterMilli = 120_000;

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.3)]
    [InlineData(3)]
    public void Order_AnyFactor_ArrivesWithinOnePodOfIt(double arrive)
    {
        var (pods, _) = Order(SmallTrace.Workload.Pods, arrive, 1);

        Assert.InRange(pods.Sum(shape => shape.Gpu.TotalMilli), (arrive * ClusterMilli) - 8000, (arrive * ClusterMilli) + 7000);
    }

    [Fact]
    public void Order_WorkloadOfCpuPodsOnly_IsTheWorkload()
    {
        var pods = SmallTrace.Workload.Pods.Where(pod => pod.Shape.Gpu.IsNone).ToArray();

        Assert.Equal(pods.Length, Order(pods, 1.3, 1).Pods.Count);
    }

    [Fact]
    public void Order_SameSeed_IsTheSameOtherSeedIsNot()
    {
        var (pods, nodes) = Order(SmallTrace.Workload.Pods, 1.3, 5);
        var (same, sameNodes) = Order(SmallTrace.Workload.Pods, 1.3, 5);
        var (others, otherNodes) = Order(SmallTrace.Workload.Pods, 1.3, 6);

        Assert.Equal(pods, same);
        Assert.Equal(nodes, sameNodes);
        Assert.NotEqual(pods, others);
        Assert.NotEqual(nodes, otherNodes);
        Assert.Equal(SmallTrace.Nodes.ToHashSet(), nodes.ToHashSet());
    }

    [Fact]
    public void Curves_ArrivalsPerPercent_AreAveragedAndJumpsRepeat()
    {
        var curves = new ReplayCurves(100_000);
        curves.Arrive(1000, 1000, 0);
        curves.Arrive(0, 2000, 0);
        curves.Arrive(2000, 4000, 500);

        Assert.Equal([0, 1.5, 1.5, 4], curves.Allocated);
        Assert.Equal([0, 0, 0, 0.5], curves.Fragmented);
    }

    private static (IReadOnlyList<PodShape> Pods, IReadOnlyList<Node> Nodes) Order(IReadOnlyList<TracePod> pods, double arrive, int seed) =>
        InflationReplay.Order(pods, SmallTrace.Nodes, ClusterMilli, arrive, seed);
}
