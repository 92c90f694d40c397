using System.Collections.Concurrent;

namespace GpuScheduler.Simulation.Replays;

/// <summary>Runs all runs of a plan on several threads. Runs share nothing, so the results do not depend on how many.</summary>
public static class ReplayRunner
{
    /// <summary>Runs a plan; the results in the order of workloads, policies and seeds.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="parallelism">Runs at a time; at least 1.</param>
    /// <param name="progress">Told of each run that ends; may be called from any thread.</param>
    /// <param name="cancellation">Ends the replay early.</param>
    public static async Task<IReadOnlyList<ReplayResult>> RunAsync(
        ReplayPlan plan, int parallelism, IProgress<ReplayProgress>? progress, CancellationToken cancellation)
    {
        var runs = plan.Workloads.SelectMany(workload => plan.Policies.SelectMany(policy =>
            plan.Seeds.Select(seed => new ReplayRun(plan, workload, policy, seed)))).ToArray();
        var results = new ReplayResult[runs.Length];
        var next = new ConcurrentQueue<int>(Enumerable.Range(0, runs.Length));
        var done = 0;
        var workers = Enumerable.Range(0, Math.Clamp(parallelism, 1, Math.Max(1, runs.Length))).Select(_ => Task.Run(
            () =>
            {
                while (next.TryDequeue(out var index))
                {
                    results[index] = runs[index].Execute(cancellation);
                    progress?.Report(new ReplayProgress(Interlocked.Increment(ref done), runs.Length, results[index]));
                }
            },
            cancellation)).ToArray();
        await Task.WhenAll(workers);
        return results;
    }
}

/// <summary>One run of a plan ended.</summary>
/// <param name="Done">Runs that ended so far.</param>
/// <param name="Total">Runs in all.</param>
/// <param name="Result">What this one gave.</param>
public sealed record ReplayProgress(int Done, int Total, ReplayResult Result);
