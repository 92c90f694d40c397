using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Tests.Replays;

public class InflationReplayTests
{
    private const long ClusterMilli = 120_000;

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.3)]
    [InlineData(3)]
    public void Sequence_AnyFactor_ArrivesWithinOnePodOfIt(double arrive)
    {
        var sequence = InflationReplay.Sequence(SmallTrace.Workload.Pods, ClusterMilli, arrive, new ReplayRandom(1, "pods"));

        Assert.InRange(sequence.Sum(shape => shape.Gpu.TotalMilli), (arrive * ClusterMilli) - 8000, (arrive * ClusterMilli) + 7000);
    }

    [Fact]
    public void Sequence_WorkloadOfCpuPodsOnly_IsTheWorkload()
    {
        var pods = SmallTrace.Workload.Pods.Where(pod => pod.Shape.Gpu.IsNone).ToArray();

        Assert.Equal(pods.Length, InflationReplay.Sequence(pods, ClusterMilli, 1.3, new ReplayRandom(1, "pods")).Count);
    }

    [Fact]
    public void Sequence_SameSeed_IsTheSame() => Assert.Equal(
        InflationReplay.Sequence(SmallTrace.Workload.Pods, ClusterMilli, 1.3, new ReplayRandom(5, "pods")),
        InflationReplay.Sequence(SmallTrace.Workload.Pods, ClusterMilli, 1.3, new ReplayRandom(5, "pods")));

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
}
