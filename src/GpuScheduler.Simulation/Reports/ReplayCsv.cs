using System.Globalization;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Reports;

/// <summary>The results as comma-separated tables: one of runs, one of failed pods by shape.</summary>
public static class ReplayCsv
{
    /// <summary>One line per run.</summary>
    public static void WriteRuns(TextWriter output, IReadOnlyList<ReplayResult> results)
    {
        output.WriteLine("workload,policy,seed,alloc_at_100,alloc_at_end,frag_at_end,lost_demand,pods,failed,us_per_decision,seconds");
        foreach (var run in results)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.Workload},{run.Policy},{run.Seed},{run.AllocatedAt100:F4},{run.AllocatedAtEnd:F4},{run.FragmentedAtEnd:F4},{run.LostDemand:F4},{run.Pods},{run.FailedByKind.Values.Sum()},{run.DecisionMicroseconds:F2},{run.Seconds:F3}"));
        }
    }

    /// <summary>One line per run and shape of which pods found no place.</summary>
    public static void WriteFailures(TextWriter output, IReadOnlyList<ReplayResult> results)
    {
        output.WriteLine("workload,policy,seed,shape,failed");
        foreach (var run in results)
        {
            foreach (var (shape, count) in run.FailedByShape) output.WriteLine($"{run.Workload},{run.Policy},{run.Seed},{shape.Replace(',', ';')},{count}");
        }
    }
}
