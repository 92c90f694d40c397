namespace GpuScheduler.Simulation.Replays;

/// <summary>What one policy did with one workload and seed. Percentages are of the cluster's GPUs.</summary>
public sealed record ReplayResult
{
    /// <summary>The workload's name.</summary>
    public required string Workload { get; init; }

    /// <summary>The policy's name.</summary>
    public required string Policy { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>GPU allocation over arrived demand, one number per 1 %; empty for timed experiments.</summary>
    public IReadOnlyList<double> Allocated { get; init; } = [];

    /// <summary>Expected unusable GPUs over arrived demand, one number per 1 %; empty for timed experiments.</summary>
    public IReadOnlyList<double> Fragmented { get; init; } = [];

    /// <summary>GPU allocation when as much as the cluster has had arrived; for timed experiments the mean over time.</summary>
    public required double AllocatedAt100 { get; init; }

    /// <summary>GPU allocation at the end; for timed experiments the mean over time.</summary>
    public required double AllocatedAtEnd { get; init; }

    /// <summary>Expected unusable GPUs at the end; for timed experiments the mean over time.</summary>
    public required double FragmentedAtEnd { get; init; }

    /// <summary>Pods that arrived (and were counted: after the warm-up).</summary>
    public required int Pods { get; init; }

    /// <summary>Of them, pods that found no place, by kind: <c>cpu</c>, <c>share</c>, <c>1 gpu</c>, <c>2 gpu</c>, ...</summary>
    public required IReadOnlyDictionary<string, int> FailedByKind { get; init; }

    /// <summary>Of them, pods that found no place, by shape.</summary>
    public required IReadOnlyDictionary<string, int> FailedByShape { get; init; }

    /// <summary>GPU demand that found no place, in % of the demand that arrived.</summary>
    public required double LostDemand { get; init; }

    /// <summary>Mean time of one decision (learn, filter, score, choose), in microseconds. The one number that differs between equal runs.</summary>
    public required double DecisionMicroseconds { get; init; }

    /// <summary>Wall-clock time of the run in seconds; differs between equal runs as well.</summary>
    public required double Seconds { get; init; }

    /// <summary>Nodes scored per decision: what keeping scores saves is the rest of the nodes.</summary>
    public required double NodesScoredPerDecision { get; init; }
}
