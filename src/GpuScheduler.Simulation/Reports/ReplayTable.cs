using System.Globalization;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Reports;

/// <summary>The results as text: a row per workload and policy, means over seeds and standard deviations, published results beside them.</summary>
public static class ReplayTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="plan">What was replayed.</param>
    /// <param name="results">What came of it.</param>
    /// <param name="published">Published results; null without.</param>
    public static void Write(TextWriter output, ReplayPlan plan, IReadOnlyList<ReplayResult> results, PublishedResults? published)
    {
        var isInflation = plan.Experiment == ReplayExperiment.Inflation;
        var lines = new List<string[]>
        {
            isInflation
                ? ["workload", "policy", "at 100 %", "at the end", "unusable", "lost demand", "us/decision", "failed pods"]
                : ["workload", "policy", "mean over time", "", "unusable", "lost demand", "us/decision", "failed pods"],
        };
        var isCompared = false;
        foreach (var group in results.GroupBy(result => (result.Workload, result.Policy)))
        {
            var runs = group.ToArray();
            var known = isInflation ? published?.Find(group.Key.Workload, group.Key.Policy) : null;
            isCompared |= known is not null;
            lines.Add(
            [
                group.Key.Workload,
                group.Key.Policy,
                Spread(runs, run => run.AllocatedAt100) + Published(known?.At100),
                isInflation ? Spread(runs, run => run.AllocatedAtEnd) + Published(known?.AtEnd) : "",
                Spread(runs, run => run.FragmentedAtEnd),
                Spread(runs, run => run.LostDemand),
                Number(runs.Average(run => run.DecisionMicroseconds), 1),
                Failures(runs),
            ]);
        }

        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        output.WriteLine();
        output.WriteLine($"GPU allocation, expected unusable GPUs (of pods drawn from the workload) and lost demand in %: mean ± standard deviation over {plan.Seeds.Count} seed(s).");
        output.WriteLine("Failed pods: mean per run, by kind." + (isCompared ? " In brackets: published (Weng et al., USENIX ATC 2023)." : ""));
    }

    /// <summary>Mean and, over several runs, standard deviation of the sample.</summary>
    internal static (double Mean, double Deviation) Spread(IEnumerable<double> values)
    {
        var all = values.ToArray();
        var mean = all.Average();
        return (mean, all.Length < 2 ? 0 : Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1)));
    }

    private static string Spread(ReplayResult[] runs, Func<ReplayResult, double> value)
    {
        var (mean, deviation) = Spread(runs.Select(value));
        return runs.Length > 1 ? $"{Number(mean, 2)} ±{Number(deviation, 2)}" : Number(mean, 2);
    }

    private static string Published(double? value) => value is { } known ? $" ({Number(known, 2)})" : "";

    private static string Failures(ReplayResult[] runs)
    {
        var kinds = runs.SelectMany(run => run.FailedByKind.Keys).Distinct().Order(StringComparer.Ordinal);
        var text = string.Join(", ", kinds.Select(kind => $"{kind} {Number(runs.Average(run => run.FailedByKind.GetValueOrDefault(kind)), 1)}"));
        return text.Length > 0 ? text : "none";
    }

    private static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
