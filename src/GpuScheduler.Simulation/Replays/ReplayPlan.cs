using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;

namespace GpuScheduler.Simulation.Replays;

/// <summary>Everything that decides the results of a replay. Equal plans give equal results, whatever runs beside them.</summary>
public sealed record ReplayPlan
{
    /// <summary>The nodes of workloads that have none of their own, empty at the start.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>The workloads, each replayed on its own.</summary>
    public required IReadOnlyList<ReplayWorkload> Workloads { get; init; }

    /// <summary>Policies by name (<see cref="PackingPolicies.Names"/>).</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>Seeds; each gives another order of pods and nodes.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>How pods come and go.</summary>
    public ReplayExperiment Experiment { get; init; } = ReplayExperiment.Inflation;

    /// <summary>GPU demand that arrives, in multiples of the cluster's GPUs (<see cref="ReplayExperiment.Inflation"/>).</summary>
    public double Arrive { get; init; } = 1.3;

    /// <summary>GPU demand that would be present if nothing were lost, in multiples of the cluster's GPUs (<see cref="ReplayExperiment.Poisson"/>).</summary>
    public double Load { get; init; } = 1;

    /// <summary>How long to measure after a warm-up of three mean lifetimes, in mean lifetimes (<see cref="ReplayExperiment.Poisson"/>).</summary>
    public double Lifetimes { get; init; } = 5;

    /// <summary>Which of equally good nodes a pod goes to.</summary>
    public TiedNodes Ties { get; init; } = TiedNodes.First;

    /// <summary>What policies know in advance.</summary>
    public WorkloadKnowledge Knowledge { get; init; } = WorkloadKnowledge.AsMeant;

    /// <summary>The constants of the residual value policy.</summary>
    public ResidualValueOptions Constants { get; init; } = new();
}
