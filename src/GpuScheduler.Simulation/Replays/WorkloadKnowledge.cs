namespace GpuScheduler.Simulation.Replays;

/// <summary>What a policy knows of the workload in advance.</summary>
public enum WorkloadKnowledge
{
    /// <summary>As the policy is meant: <c>Fgd</c> is told (as published), the others learn.</summary>
    AsMeant,

    /// <summary>Nothing: it learns from the pods that arrive.</summary>
    Learned,

    /// <summary>The frequencies of the whole workload.</summary>
    Known,
}
