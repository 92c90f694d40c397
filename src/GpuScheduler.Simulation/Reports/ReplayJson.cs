using System.Text.Json;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Reports;

/// <summary>
/// The results as JSON: an array with one object per workload, policy and seed. Fields: <c>workload, policy, seed, alloc_at_100,
/// alloc_at_end, frag_at_end, lost_demand</c> (% of GPUs; of arrived demand for the last), <c>pods, failed</c> (counts),
/// <c>failed_by_kind, failed_by_shape</c> (objects of counts), <c>us_per_decision, nodes_scored_per_decision, seconds</c>, and
/// <c>alloc, frag</c> (arrays: the curves, one number per 1 % of arrived demand). For timed experiments both allocations are the mean over
/// time and the curves are empty.
/// </summary>
public static class ReplayJson
{
    /// <summary>Writes all results.</summary>
    public static void Write(Stream output, IReadOnlyList<ReplayResult> results)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var result in results) Write(writer, result);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ReplayResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("workload", result.Workload);
        writer.WriteString("policy", result.Policy);
        writer.WriteNumber("seed", result.Seed);
        Number(writer, "alloc_at_100", result.AllocatedAt100);
        Number(writer, "alloc_at_end", result.AllocatedAtEnd);
        Number(writer, "frag_at_end", result.FragmentedAtEnd);
        Number(writer, "lost_demand", result.LostDemand);
        writer.WriteNumber("pods", result.Pods);
        writer.WriteNumber("failed", result.FailedByKind.Values.Sum());
        Counts(writer, "failed_by_kind", result.FailedByKind);
        Counts(writer, "failed_by_shape", result.FailedByShape);
        Number(writer, "us_per_decision", result.DecisionMicroseconds);
        Number(writer, "nodes_scored_per_decision", result.NodesScoredPerDecision);
        Number(writer, "seconds", result.Seconds);
        Curve(writer, "alloc", result.Allocated);
        Curve(writer, "frag", result.Fragmented);
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, double value) => writer.WriteNumber(name, Math.Round(value, 4));

    private static void Counts(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, int> counts)
    {
        writer.WriteStartObject(name);
        foreach (var (key, count) in counts) writer.WriteNumber(key, count);
        writer.WriteEndObject();
    }

    private static void Curve(Utf8JsonWriter writer, string name, IReadOnlyList<double> curve)
    {
        writer.WriteStartArray(name);
        foreach (var value in curve) writer.WriteNumberValue(Math.Round(value, 4));
        writer.WriteEndArray();
    }
}
