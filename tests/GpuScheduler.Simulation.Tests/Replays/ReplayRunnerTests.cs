using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Tests.Replays;

public class ReplayRunnerTests
{
    [Theory]
    [InlineData(ReplayExperiment.Inflation)]
    [InlineData(ReplayExperiment.Poisson)]
    [InlineData(ReplayExperiment.TraceTimes)]
    public async Task RunAsync_WhateverTheParallelism_GivesTheSame(ReplayExperiment experiment)
    {
        var plan = SmallTrace.Plan with { Experiment = experiment, Lifetimes = 2, Ties = TiedNodes.Random };

        var alone = await ReplayRunner.RunAsync(plan, 1, null, default);
        var together = await ReplayRunner.RunAsync(plan, 4, null, default);

        Assert.Equal(alone.Count, together.Count);
        for (var i = 0; i < alone.Count; i++) Assert.Equal(Essence(alone[i]), Essence(together[i]));
    }

    [Fact]
    public async Task RunAsync_OtherSeed_GivesAnotherOrder()
    {
        var results = await ReplayRunner.RunAsync(SmallTrace.Plan with { Policies = ["Fgd"] }, 1, null, default);

        Assert.NotEqual(Essence(results[0] with { Seed = 0 }), Essence(results[1] with { Seed = 0 }));
    }

    [Fact]
    public async Task RunAsync_Inflation_EveryPolicyFillsAndLosesTheRest()
    {
        var results = await ReplayRunner.RunAsync(SmallTrace.Plan, 2, null, default);

        Assert.All(results, result =>
        {
            Assert.InRange(result.AllocatedAtEnd, 60, 100);
            Assert.InRange(result.AllocatedAt100, 0, result.AllocatedAtEnd + 1e-9);
            Assert.InRange(result.LostDemand, 20, 60);
            Assert.InRange(result.FragmentedAtEnd, 0, 100 - result.AllocatedAtEnd + 1e-9);
            Assert.InRange(result.Allocated.Count, 124, 131);
            Assert.Equal(result.FailedByKind.Values.Sum(), result.FailedByShape.Values.Sum());
        });
    }

    [Fact]
    public async Task RunAsync_Poisson_LowLoadLosesNothingHighLoadDoes()
    {
        var plan = SmallTrace.Plan with { Experiment = ReplayExperiment.Poisson, Policies = ["ResidualValue"], Seeds = [3] };

        var low = await ReplayRunner.RunAsync(plan with { Load = 0.2 }, 1, null, default);
        var high = await ReplayRunner.RunAsync(plan with { Load = 2 }, 1, null, default);

        Assert.Equal(0, low[0].LostDemand);
        Assert.InRange(low[0].AllocatedAt100, 10, 30);
        Assert.InRange(high[0].LostDemand, 30, 80);
    }

    [Fact]
    public async Task RunAsync_Cancelled_Ends()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReplayRunner.RunAsync(SmallTrace.Plan, 2, null, cancelled.Token));
    }

    [Fact]
    public async Task RunAsync_Progress_TellsOfEveryRun()
    {
        var told = new List<ReplayProgress>();
        await ReplayRunner.RunAsync(SmallTrace.Plan with { Policies = ["BestFit"] }, 1, new Told(told), default);

        Assert.Equal([1, 2], told.Select(progress => progress.Done));
        Assert.All(told, progress => Assert.Equal(2, progress.Total));
    }

    private static string Essence(ReplayResult result) => string.Join(' ',
        result.Workload, result.Policy, result.Seed, result.Pods, result.AllocatedAt100.ToString("R"), result.AllocatedAtEnd.ToString("R"),
        result.FragmentedAtEnd.ToString("R"), result.LostDemand.ToString("R"), string.Join(',', result.FailedByShape), string.Join(',', result.Allocated));

    private sealed class Told(List<ReplayProgress> list) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => list.Add(value);
    }
}
