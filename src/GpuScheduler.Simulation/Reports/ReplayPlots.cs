using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Reports;

/// <summary>The charts of a replay: per workload, allocation and fragmentation over arrived demand, means over seeds.</summary>
public static class ReplayPlots
{
    /// <summary>Below this share of arrived demand every policy places everything and the lines lie on each other.</summary>
    private const double InterestingFrom = 80;

    private const string ArrivedTitle = "GPU demand arrived, % of the cluster's GPUs";

    /// <summary>File name and chart of each plot; none for timed experiments.</summary>
    public static IEnumerable<(string FileName, CurvePlot Plot)> Of(IReadOnlyList<ReplayResult> results, PublishedResults? published)
    {
        foreach (var workload in results.Where(result => result.Allocated.Count > 0).GroupBy(result => result.Workload))
        {
            var policies = workload.GroupBy(result => result.Policy).ToArray();
            var allocated = policies.Select(runs => new PlotCurve(runs.Key, Mean([.. runs.Select(run => run.Allocated)]))).ToList();
            if (published?.Curve(workload.Key, "Fgd") is { Count: > 0 } curve)
            {
                allocated.Add(new PlotCurve("FGD (published)", [.. curve.Select((value, at) => ((double)at, value))], IsReference: true));
            }

            var from = allocated.Max(line => line.Points.Count) > InterestingFrom + 10 ? InterestingFrom : 0;
            yield return ($"allocation-{workload.Key}.svg",
                new CurvePlot($"GPUs in use while {workload.Key} arrives", ArrivedTitle, "GPUs in use, %", allocated) { FromX = from });
            yield return ($"fragmentation-{workload.Key}.svg",
                new CurvePlot(
                    $"Free GPUs that pods of {workload.Key} could not use", ArrivedTitle, "expected unusable, % of all GPUs",
                    [.. policies.Select(runs => new PlotCurve(runs.Key, Mean([.. runs.Select(run => run.Fragmented)])))]));
        }
    }

    private static (double X, double Y)[] Mean(IReadOnlyList<double>[] curves) =>
        [.. Enumerable.Range(0, curves.Min(curve => curve.Count)).Select(at => ((double)at, curves.Average(curve => curve[at])))];
}
