using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Testing;

namespace GpuScheduler.Simulation.Tests.Replays;

/// <summary>One seed of the published experiment on the production trace: the whole table takes minutes, one seed tells a broken policy.</summary>
public class PublishedResultsTests
{
    // Published mean and standard deviation over ten seeds of GPU allocation at 100 % (Weng et al., USENIX ATC 2023); four deviations.
    [SkippableTheory]
    [InlineData("Fgd", 95.23, 0.44)]
    [InlineData("BestFit", 92.86, 0.56)]
    [InlineData("DotProduct", 90.62, 0.80)]
    [InlineData("GpuPacking", 91.78, 2.12)]
    [InlineData("GpuClustering", 91.65, 2.44)]
    [InlineData("Random", 86.30, 1.32)]
    public async Task Replay_DefaultWorkload_IsAsPublished(string policy, double mean, double tolerance)
    {
        var result = await RunAsync(policy);

        Assert.InRange(result.AllocatedAt100, mean - tolerance, mean + tolerance);
    }

    [SkippableFact]
    public async Task Replay_DefaultWorkload_ResidualValueBeatsPublishedFgd()
    {
        var result = await RunAsync("ResidualValue");

        Assert.True(result.AllocatedAt100 > 95.23 + 0.4, $"{result.AllocatedAt100}");
        Assert.True(result.AllocatedAtEnd > 95.39 + 0.4, $"{result.AllocatedAtEnd}");
    }

    private static async Task<ReplayResult> RunAsync(string policy)
    {
        Skip.If(SharedInput.Path() is null, SharedInput.Missing);
        var folder = SharedInput.Path("traces", "openb")!;
        using var nodes = new StreamReader(Path.Combine(folder, "openb_node_list_gpu_node.csv"));
        var plan = new ReplayPlan
        {
            Nodes = OpenbTrace.ReadNodes("nodes", nodes),
            Workloads = [ReplayWorkload.ReadOpenb(Path.Combine(folder, "openb_pod_list_default.csv"))],
            Policies = [policy],
            Seeds = [77],
        };
        return (await ReplayRunner.RunAsync(plan, 1, null, default))[0];
    }
}
