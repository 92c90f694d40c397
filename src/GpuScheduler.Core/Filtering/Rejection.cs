using GpuScheduler.Core.Constraints;

namespace GpuScheduler.Core.Filtering;

/// <summary>Everything that keeps a pod off one node, as a set of bits; <see cref="PodFilter.Describe"/> puts it into words.</summary>
/// <param name="Causes">Causes that are not a plain resource count.</param>
/// <param name="Insufficient">Bit i: request i of the pod's shape does not fit in what is free.</param>
/// <param name="Impossible">Bit i: request i is more than the node has at all, however empty.</param>
/// <param name="Miss">Which of the pod's constraints is not met (<see cref="RejectionCauses.Constraint"/>).</param>
public readonly record struct Rejection(RejectionCauses Causes, ulong Insufficient, ulong Impossible, ConstraintMiss Miss = default)
{
    /// <summary>The pod fits.</summary>
    public bool IsNone => Causes == RejectionCauses.None && Insufficient == 0;
}

/// <summary>Causes of a rejection other than a plain resource count.</summary>
[Flags]
public enum RejectionCauses
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The node takes no more pods.</summary>
    TooManyPods = 1,

    /// <summary>A taint that the pod does not tolerate.</summary>
    Taint = 2,

    /// <summary>The pod accepts other GPU models only.</summary>
    Model = 4,

    /// <summary>Enough whole GPUs by count, but some are partly used by pods that share them.</summary>
    PartlyUsedGpus = 8,

    /// <summary>No single device has so much left.</summary>
    NoRoomOnOneGpu = 16,

    /// <summary>The node has fewer devices than the pod asks for.</summary>
    TooFewGpus = 32,

    /// <summary>The node's MIG configuration is not in force (<see cref="Mig.MigObstacle"/>).</summary>
    MigObstacle = 1 << 16,

    /// <summary>No place for the MIG instances on the node's GPUs, although their counts would do.</summary>
    NoMigPlace = 1 << 17,

    /// <summary>The node is not in the snapshot.</summary>
    UnknownNode = 64,

    /// <summary>The node's devices are not shared in the units the pod asks in.</summary>
    OtherSharing = 128,

    /// <summary>The node offers replicas of shared cards, and the pod wants GPUs.</summary>
    Replicas = 1 << 20,

    /// <summary>A constraint from the pod's annotations; <see cref="Rejection.Miss"/> says which.</summary>
    Constraint = 1 << 12,

    /// <summary>Another pod has the node's GPUs exclusively.</summary>
    Exclusive = 1 << 13,

    /// <summary>A condition of the node says that its GPUs are not healthy.</summary>
    Unhealthy = 1 << 14,

    /// <summary>The node is kept for a gang that has waited long (<see cref="Gangs.GangReservation"/>).</summary>
    Reserved = 1 << 15,
}
