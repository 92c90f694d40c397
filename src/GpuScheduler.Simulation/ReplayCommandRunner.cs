using System.Globalization;
using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Simulation.Reports;

namespace GpuScheduler.Simulation;

/// <summary>What <c>gpu-scheduler replay</c> does, without the command line.</summary>
public static class ReplayCommandRunner
{
    /// <summary>Replays a plan, writes the table to <paramref name="output"/> and the files the options name.</summary>
    /// <returns>All results, in the order of workloads, policies and seeds.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static async Task<IReadOnlyList<ReplayResult>> RunAsync(
        ReplayOptions options, IProgress<ReplayProgress>? progress, TextWriter output, CancellationToken cancellation)
    {
        // Before the work, not after it: a folder that cannot be written must not cost an hour.
        if (options.OutFolder is { } folder) Directory.CreateDirectory(folder);
        var published = options.PublishedFolder is { } source ? PublishedResults.Read(source) : null;
        var results = await ReplayRunner.RunAsync(options.Plan, options.Parallelism, progress, cancellation);
        ReplayTable.Write(output, options.Plan, results, published);
        if (options.JsonFile is { } json) WriteJson(json, results);
        if (options.OutFolder is { } into) WriteFolder(into, options.Plan, results, published);
        return results;
    }

    /// <summary>Answers how many more pods fit, as a table.</summary>
    public static void Answer(CapacityQuestion question, TextWriter output, CancellationToken cancellation)
    {
        foreach (var answer in question.Answer(cancellation))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Policy}: GPUs in use afterwards {answer.AllocatedAfter:F1} %"));
            for (var i = 0; i < answer.Placed.Count; i++)
            {
                var (shape, count) = question.Add[i];
                output.WriteLine($"  {answer.Placed[i]}{(count == ShapeText.AsManyAsFit ? "" : $" of {count}")} x {Describe(shape)}");
            }
        }
    }

    private static string Describe(PodShape shape) => shape.ToString();

    private static void WriteJson(string path, IReadOnlyList<ReplayResult> results)
    {
        using var file = File.Create(path);
        ReplayJson.Write(file, results);
    }

    private static void WriteFolder(string folder, ReplayPlan plan, IReadOnlyList<ReplayResult> results, PublishedResults? published)
    {
        WriteJson(Path.Combine(folder, "results.json"), results);
        Write("results.csv", file => ReplayCsv.WriteRuns(file, results));
        Write("failed.csv", file => ReplayCsv.WriteFailures(file, results));
        Write("table.txt", file => ReplayTable.Write(file, plan, results, published));
        foreach (var (name, plot) in ReplayPlots.Of(results, published)) Write(name, plot.Write);

        void Write(string name, Action<TextWriter> write)
        {
            using var file = new StreamWriter(Path.Combine(folder, name));
            write(file);
        }
    }
}
