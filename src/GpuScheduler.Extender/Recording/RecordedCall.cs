using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Recording;

/// <summary>One call as <see cref="DecisionRing"/> remembers it: the facts from which everything else can be computed again.</summary>
public sealed record RecordedCall
{
    /// <summary>Counts calls; a later one has a greater number.</summary>
    public required long Number { get; init; }

    /// <summary>The verb.</summary>
    public required ExtenderVerb Verb { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Of that, reading the request; null where it was not measured.</summary>
    public TimeSpan? Reading { get; init; }

    /// <summary>Of that, deciding which nodes fit, and scoring them; null where it was not measured. The rest is writing.</summary>
    public TimeSpan? Deciding { get; init; }

    /// <summary>Namespace, name and UID of the pod, as far as they are known.</summary>
    public required PodIdentity Pod { get; init; }

    /// <summary>How the nodes fared.</summary>
    public required CallCounts Counts { get; init; }

    /// <summary>Generation of the snapshot; 0 where none was looked at.</summary>
    public required long Generation { get; init; }

    /// <summary>What the pod asks for; null for bind and where it could not be read.</summary>
    public PodShape? Shape { get; init; }

    /// <summary>The snapshot it was answered from; null where none was looked at, and once it had to make room.</summary>
    public ClusterSnapshot? Snapshot { get; init; }

    /// <summary>The strategy that scored; null where nothing was scored.</summary>
    public IScoringStrategy? Strategy { get; init; }

    /// <summary>One bit per row of the snapshot that was asked for; empty where it was not noted.</summary>
    public IReadOnlyList<ulong> Asked { get; init; } = [];

    /// <summary>The node of a bind.</summary>
    public string? Node { get; init; }

    /// <summary>The devices of a bind that succeeded.</summary>
    public uint DeviceMask { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }
}
