using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Simulation.Reports;
using GpuScheduler.Testing;

namespace GpuScheduler.Simulation.Tests.Replays;

/// <summary>The published experiment on the production trace: its ten seeds on its main workload, column by column.</summary>
public class PublishedResultsTests
{
    private const int Columns = 131;

    // Published runs are rounded to hundredths before they are averaged. Random draws among other numbers of the published simulator, whose
    // order depends on its threads: of it the mean alone can be met.
    [SkippableTheory]
    [InlineData("Fgd", 0.0101)]
    [InlineData("BestFit", 0.0101)]
    [InlineData("DotProduct", 0.0101)]
    [InlineData("GpuPacking", 0.0101)]
    [InlineData("GpuClustering", 0.0101)]
    [InlineData("Random", 0.3)]
    public async Task Replay_DefaultWorkload_EveryColumnIsAsPublished(string policy, double tolerance)
    {
        var results = await RunAsync(policy, [.. Enumerable.Range(42, 10)]);
        var published = PublishedResults.Read(SharedInput.Path("traces", "openb")!).Curve("default", policy);

        Assert.Equal(Columns, published.Count);
        for (var column = 0; column < Columns; column++)
        {
            var mean = results.Average(result => result.Allocated[Math.Min(column, result.Allocated.Count - 1)]);
            Assert.True(Math.Abs(mean - published[column]) <= tolerance, $"at {column} %: {mean:F4}, published {published[column]}");
        }
    }

    [SkippableFact]
    public async Task Replay_DefaultWorkload_ResidualValueBeatsPublishedFgd()
    {
        var result = Assert.Single(await RunAsync("ResidualValue", [77]));

        Assert.True(result.AllocatedAt100 > 95.23 + 0.4, $"{result.AllocatedAt100}");
        Assert.True(result.AllocatedAtEnd > 95.39 + 0.4, $"{result.AllocatedAtEnd}");
    }

    private static async Task<IReadOnlyList<ReplayResult>> RunAsync(string policy, IReadOnlyList<int> seeds)
    {
        Skip.If(SharedInput.Path() is null, SharedInput.Missing);
        var folder = SharedInput.Path("traces", "openb")!;
        using var nodes = new StreamReader(Path.Combine(folder, "openb_node_list_gpu_node.csv"));
        var plan = new ReplayPlan
        {
            Nodes = OpenbTrace.ReadNodes("nodes", nodes),
            Workloads = [ReplayWorkload.ReadOpenb(Path.Combine(folder, "openb_pod_list_default.csv"))],
            Policies = [policy],
            Seeds = seeds,
        };
        return await ReplayRunner.RunAsync(plan, 1, null, default);
    }
}
