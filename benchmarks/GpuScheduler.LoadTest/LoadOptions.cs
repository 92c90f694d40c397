using System.Text.Json.Serialization;
using GpuScheduler.LoadTest.Bodies;

namespace GpuScheduler.LoadTest;

/// <summary>What to measure.</summary>
internal sealed record LoadOptions
{
    /// <summary>A running service; null to start one.</summary>
    [JsonIgnore]
    public Uri? Url { get; init; }

    /// <summary>Process id of the service at <see cref="Url"/>; null when it is not on this machine.</summary>
    [JsonIgnore]
    public int? ProcessId { get; init; }

    /// <summary>The executable to start.</summary>
    [JsonIgnore]
    public string Server { get; init; } = "";

    /// <summary>Nodes of the cluster that the started service makes up.</summary>
    public required int Nodes { get; init; }

    /// <summary>How full that cluster is, 0..1.</summary>
    public required double Load { get; init; }

    /// <summary>More arguments for the started service.</summary>
    public required string[] ServerArguments { get; init; }

    /// <summary>Path before the verbs.</summary>
    public required string Prefix { get; init; }

    /// <summary>Nodes that a request names.</summary>
    public required int Names { get; init; }

    /// <summary>The order it names them in.</summary>
    public required NodeOrder Order { get; init; }

    /// <summary>What is asked.</summary>
    public required LoadVerb Verb { get; init; }

    /// <summary>Arrivals per second; null for half of what saturates the service.</summary>
    public required double? Rate { get; init; }

    /// <summary>Arrivals in equal steps instead of at random.</summary>
    public required bool IsConstantRate { get; init; }

    /// <summary>Connections.</summary>
    public required int Concurrency { get; init; }

    /// <summary>How long each measurement of a round takes.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long each target is warmed up, flat out.</summary>
    public required TimeSpan Warmup { get; init; }

    /// <summary>How often everything is measured in turn.</summary>
    public required int Rounds { get; init; }

    /// <summary>Measure the floor as well.</summary>
    public required bool WithFloor { get; init; }

    /// <summary>Measure the floor that answers on the threads of the sockets as well.</summary>
    public required bool WithInlineFloor { get; init; }

    /// <summary>Pod events per second that the service has to take in meanwhile; 0 for none.</summary>
    public required int Churn { get; init; }

    /// <summary>Which random numbers.</summary>
    public required int Seed { get; init; }

    /// <summary>Where to write the results as JSON; null for nowhere.</summary>
    [JsonIgnore]
    public string? JsonFile { get; init; }

    /// <summary>Where to write the plot; null for nowhere.</summary>
    [JsonIgnore]
    public string? SvgFile { get; init; }
}

/// <summary>What is asked at an arrival.</summary>
internal enum LoadVerb
{
    /// <summary>Filter.</summary>
    Filter,

    /// <summary>Prioritize.</summary>
    Prioritize,

    /// <summary>Filter, and then prioritize for the nodes that it returned, as kube-scheduler does.</summary>
    Cycle,
}
