using System.Text;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Constraints;

/// <summary>
/// What a pod's annotations ask of its GPUs besides their number; <see cref="ConstraintAnnotations"/> reads it and its README explains each. A
/// pod without such annotations has none (null), so that it costs nothing. Immutable; equal by content.
/// </summary>
public sealed class PodConstraints : IEquatable<PodConstraints>
{
    /// <summary>Least memory of each of its GPUs, in MiB; 0 for any.</summary>
    public int MinGpuMemoryMiB { get; init; }

    /// <summary>Least CUDA compute capability as 100 × major + minor (8.6 is 806); 0 for any.</summary>
    public int MinComputeCapability { get; init; }

    /// <summary>Takes no GPU that is offered in replicas or cut into slices.</summary>
    public bool WholeGpuOnly { get; init; }

    /// <summary>Shares its node with no other pod that uses GPUs.</summary>
    public bool ExclusiveNode { get; init; }

    /// <summary>All its GPUs in one group of GPUs joined by NVLink.</summary>
    public Wish LinkIsland { get; init; }

    /// <summary>All its GPUs on one NUMA node.</summary>
    public Wish NumaNode { get; init; }

    /// <summary>Near other pods or away from them.</summary>
    public Placement Placement { get; init; }

    /// <summary>UUIDs of GPUs it must not get, sorted.</summary>
    public IReadOnlyList<string> AvoidGpus { get; init; } = [];

    /// <summary>Whether replicas of shared cards will do for the GPUs it asks for.</summary>
    public ReplicaUse Replicas { get; init; }

    /// <summary>
    /// Annotations whose value cannot be meant, each a sentence that begins with the annotation's name. Such a pod fits nowhere: a constraint
    /// that cannot be read must not be taken for none.
    /// </summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Annotations under our prefix that mean nothing to us, each with what may have been meant. The pod is placed as if they were not there.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Something here bears on which devices of a node it gets.</summary>
    internal bool ChoosesDevices =>
        LinkIsland != Wish.None || NumaNode != Wish.None || AvoidGpus.Count > 0 || MinGpuMemoryMiB > 0 || Placement != Placement.Default;

    /// <inheritdoc/>
    public bool Equals(PodConstraints? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (Scalars == other.Scalars && AvoidGpus.SequenceEqual(other.AvoidGpus) && Problems.SequenceEqual(other.Problems)
                && Unknown.SequenceEqual(other.Unknown)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PodConstraints);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Scalars);
        foreach (var text in AvoidGpus.Concat(Problems).Concat(Unknown)) hash.Add(text);
        return hash.ToHashCode();
    }

    /// <summary>A short form for people: <c>min-gpu-memory=40Gi link-island=required</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (MinGpuMemoryMiB > 0) Add($"min-gpu-memory={MemoryText(MinGpuMemoryMiB)}");
        if (MinComputeCapability > 0) Add($"min-compute-capability={CapabilityText(MinComputeCapability)}");
        if (WholeGpuOnly) Add("whole-gpu-only");
        if (ExclusiveNode) Add("exclusive-node");
        if (LinkIsland != Wish.None) Add($"link-island={LinkIsland}");
        if (NumaNode != Wish.None) Add($"numa-node={NumaNode}");
        if (Placement != Placement.Default) Add($"placement={Placement}");
        if (Replicas != ReplicaUse.One) Add($"allow-shared={(Replicas == ReplicaUse.Any ? "true" : "false")}");
        if (AvoidGpus.Count > 0) Add($"avoid-gpu={string.Join(',', AvoidGpus)}");
        foreach (var problem in Problems) Add($"[{problem}]");
        foreach (var unknown in Unknown) Add($"[{unknown}]");
        return text.ToString();

        void Add(string part) => text.Append(text.Length > 0 ? " " : "").Append(part);
    }

    internal static string MemoryText(int mebibytes) => mebibytes % 1024 == 0 && mebibytes > 0 ? $"{mebibytes / 1024}Gi" : $"{mebibytes}Mi";

    internal static string CapabilityText(int capability) => $"{capability / 100}.{capability % 100}";

    private (int, int, bool, bool, Wish, Wish, Placement, ReplicaUse) Scalars =>
        (MinGpuMemoryMiB, MinComputeCapability, WholeGpuOnly, ExclusiveNode, LinkIsland, NumaNode, Placement, Replicas);
}
