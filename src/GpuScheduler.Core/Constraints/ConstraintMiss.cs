namespace GpuScheduler.Core.Constraints;

/// <summary>What of a pod's constraints a node does not meet; with the pod it makes the sentence.</summary>
/// <param name="Kind">Which constraint.</param>
/// <param name="Actual">What the node has instead; its unit depends on <paramref name="Kind"/>.</param>
/// <param name="IsLasting">It would be so on the empty node too: no eviction helps.</param>
public readonly record struct ConstraintMiss(ConstraintKind Kind, int Actual, bool IsLasting)
{
    /// <summary>Every constraint is met.</summary>
    public bool IsNone => Kind == ConstraintKind.None;

    /// <summary>The sentence for people.</summary>
    /// <param name="constraints">The pod's constraints.</param>
    /// <param name="gpus">How many GPUs it wants.</param>
    public string Describe(PodConstraints constraints, int gpus) => Kind switch
    {
        ConstraintKind.None => "",
        ConstraintKind.Unreadable => string.Join("; ", constraints.Problems),
        ConstraintKind.PartsOfGpus => "the pod asks for parts of GPUs and wants whole GPUs only",
        ConstraintKind.WholeGpus => "node(s) had GPUs in replicas or slices and the pod wants whole GPUs only",
        ConstraintKind.Memory when Actual == 0 =>
            $"GPU memory is not known (label nvidia.com/gpu.memory) and the pod wants {PodConstraints.MemoryText(constraints.MinGpuMemoryMiB)}",
        ConstraintKind.Memory => $"GPU memory {Actual}Mi < {PodConstraints.MemoryText(constraints.MinGpuMemoryMiB)}",
        ConstraintKind.Capability when Actual == 0 =>
            $"GPU compute capability is not known (labels nvidia.com/gpu.compute.major, .minor) and the pod wants {PodConstraints.CapabilityText(constraints.MinComputeCapability)}",
        ConstraintKind.Capability =>
            $"GPU compute capability {PodConstraints.CapabilityText(Actual)} < {PodConstraints.CapabilityText(constraints.MinComputeCapability)}",
        ConstraintKind.ExclusiveNode => "node(s) had GPUs that other pods use and the pod wants them exclusively",
        ConstraintKind.AllowedGpus => $"node(s) had only {Actual} free GPUs besides those the pod avoids or that have too little memory",
        ConstraintKind.NotToldApart => "node(s) did not tell their GPUs apart, so which of them are joined is not known",
        ConstraintKind.LinkIsland => $"node(s) had no NVLink island with {gpus} free GPUs (best has {Actual})",
        ConstraintKind.NumaNode => $"node(s) had no NUMA node with {gpus} free GPUs (best has {Actual})",
        _ => $"node(s) had no NVLink island with {gpus} free GPUs on one NUMA node (best has {Actual})",
    };
}

/// <summary>The constraints a node may not meet, in the order in which they are looked at.</summary>
public enum ConstraintKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>An annotation cannot be read.</summary>
    Unreadable,

    /// <summary>The pod contradicts itself: whole GPUs only, and parts of them.</summary>
    PartsOfGpus,

    /// <summary>The node offers replicas or slices.</summary>
    WholeGpus,

    /// <summary>Too little memory, in MiB; 0 when unknown.</summary>
    Memory,

    /// <summary>Compute capability as 100 × major + minor; 0 when unknown.</summary>
    Capability,

    /// <summary>Other pods use the node's GPUs.</summary>
    ExclusiveNode,

    /// <summary>So many GPUs are free of those it may have.</summary>
    AllowedGpus,

    /// <summary>Devices are counted only.</summary>
    NotToldApart,

    /// <summary>So many free GPUs has the best NVLink island.</summary>
    LinkIsland,

    /// <summary>So many free GPUs has the best NUMA node.</summary>
    NumaNode,

    /// <summary>So many free GPUs has the best NVLink island within a NUMA node.</summary>
    LinkIslandOnNumaNode,
}
