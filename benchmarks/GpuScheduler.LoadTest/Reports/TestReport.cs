using System.Text.Json.Serialization;
using GpuScheduler.LoadTest.Load;
using GpuScheduler.LoadTest.Targets;

namespace GpuScheduler.LoadTest.Reports;

/// <summary>All that a run found out.</summary>
internal sealed record TestReport
{
    /// <summary>What was measured, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where.</summary>
    public required Machine Machine { get; init; }

    /// <summary>The service's own account of itself, from <c>/version</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The options in force.</summary>
    public required LoadOptions Options { get; init; }

    /// <summary>Nodes of the service's cluster.</summary>
    public required int NodeCount { get; init; }

    /// <summary>Arrivals per second.</summary>
    public required double Rate { get; init; }

    /// <summary>Arrivals per second at which all connections are always busy; null when it was not looked for.</summary>
    public required double? Saturation { get; init; }

    /// <summary>From the start of the process until it listened, in milliseconds; null when it was not started here.</summary>
    public required double? StartMilliseconds { get; init; }

    /// <summary>Bytes of the requests of an arrival, on average.</summary>
    public required double BytesIn { get; init; }

    /// <summary>The measurements by what was measured, the service first.</summary>
    public required IReadOnlyList<Variant> Variants { get; init; }

    /// <summary>Comparisons between them.</summary>
    public required IReadOnlyList<Comparison> Comparisons { get; init; }

    /// <summary>What part of the machine others used while it was measured, 0..1; null where it cannot be told.</summary>
    public required double? OthersShare { get; init; }
}

/// <summary>One thing that was measured, over all rounds.</summary>
internal sealed record Variant
{
    /// <summary>What.</summary>
    public required string Name { get; init; }

    /// <summary>Of all rounds together.</summary>
    public required LatencySummary Latency { get; init; }

    /// <summary>Each round.</summary>
    public required IReadOnlyList<RoundResult> Rounds { get; init; }

    /// <summary>All latencies in nanoseconds, sorted.</summary>
    [JsonIgnore]
    public required long[] Sorted { get; init; }

    /// <summary>The same of each round.</summary>
    [JsonIgnore]
    public required IReadOnlyList<long[]> RoundsSorted { get; init; }
}

/// <summary>One measurement.</summary>
internal sealed record RoundResult
{
    /// <summary>In milliseconds, from when requests were due.</summary>
    public required LatencySummary Latency { get; init; }

    /// <summary>How late the client sent, in milliseconds.</summary>
    public required LatencySummary SendDelay { get; init; }

    /// <summary>Arrivals answered per second.</summary>
    public required double PerSecond { get; init; }

    /// <summary>Arrivals.</summary>
    public required int Count { get; init; }

    /// <summary>Arrivals not answered as they should.</summary>
    public required int Errors { get; init; }

    /// <summary>What was wrong with the first.</summary>
    public required string? FirstError { get; init; }

    /// <summary>What the server used; null when it is not on this machine.</summary>
    public required ServerUse? Use { get; init; }

    /// <summary>The pod events meanwhile; null without.</summary>
    public required ChurnResult? Churn { get; init; }

    /// <summary>Processor time of the server per arrival, in microseconds; calls that make pod events are in it.</summary>
    public double? CpuMicroseconds => Use?.Cpu.TotalMicroseconds / Math.Max(Count, 1);
}

/// <summary>The pod events of one measurement.</summary>
internal sealed record ChurnResult(double BindsPerSecond, int Errors, string? FirstError, LatencySummary Latency);

/// <summary>How many times as long one thing takes as another: the median of the rounds' ratios, and the lowest and highest.</summary>
internal sealed record Comparison(string Name, Spread P50, Spread P99, Spread? Cpu)
{
    /// <summary>Compares two variants round by round.</summary>
    public static Comparison Of(string name, Variant measured, Variant against)
    {
        var pairs = measured.Rounds.Zip(against.Rounds).ToArray();
        var cpu = pairs.Where(pair => pair.First.CpuMicroseconds > 0 && pair.Second.CpuMicroseconds > 0).ToArray();
        return new Comparison(
            name,
            Spread.Of(pairs.Select(pair => pair.First.Latency.P50 / pair.Second.Latency.P50)),
            Spread.Of(pairs.Select(pair => pair.First.Latency.P99 / pair.Second.Latency.P99)),
            cpu.Length == 0 ? null : Spread.Of(cpu.Select(pair => pair.First.CpuMicroseconds!.Value / pair.Second.CpuMicroseconds!.Value)));
    }
}

/// <summary>Some values, summed up.</summary>
internal sealed record Spread(double Median, double Low, double High)
{
    /// <summary>Of at least one value; of an even number, the upper of the two in the middle.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TestReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
