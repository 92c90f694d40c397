using GpuScheduler.Core.Packing;
using GpuScheduler.Simulation.Generation;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Tests.Generation;

public class MadeUpWorkloadsTests
{
    [Fact]
    public void Find_EveryName_HasItsOwnNodesAndAsMuchDemandAsGpus()
    {
        foreach (var name in MadeUpWorkloads.Names)
        {
            var workload = MadeUpWorkloads.Find(name)!;
            var supply = ReplayCluster.GpuMilliOf(workload.Nodes!);

            Assert.InRange(workload.Pods.Sum(pod => pod.Shape.Gpu.TotalMilli), supply, supply + 8000);
        }
    }

    [Fact]
    public void Find_UnknownName_IsNull() => Assert.Null(MadeUpWorkloads.Find("nothing"));

    [Fact]
    public async Task Replay_NetworkDevicesStrandGpus_TheirPriceAvoidsIt()
    {
        var priced = await AllocatedAsync(new ResidualValueOptions());
        var free = await AllocatedAsync(new ResidualValueOptions { StrandingFrom = 1 });

        Assert.True(priced > free + 1, $"with a price {priced:F2} %, without {free:F2} %");
    }

    private static async Task<double> AllocatedAsync(ResidualValueOptions constants)
    {
        var plan = new ReplayPlan
        {
            Nodes = [],
            Workloads = [MadeUpWorkloads.Find("network-devices")!],
            Policies = ["ResidualValue"],
            Seeds = [1, 2, 3, 4],
            Constants = constants,
        };
        return (await ReplayRunner.RunAsync(plan, 1, null, default)).Average(result => result.AllocatedAt100);
    }
}
