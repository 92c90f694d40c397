using System.Collections.Immutable;

namespace GpuScheduler.Core.Gangs;

/// <summary>Nodes that are kept for a gang that has waited long: no pod or gang behind it gets GPUs there. Immutable.</summary>
/// <param name="Key">The gang.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Domain">The topology domain that the nodes are in, e.g. <c>nvidia.com/gpu.clique=c1</c>; empty when that is the whole cluster.</param>
/// <param name="Nodes">The nodes' names, in order.</param>
public sealed record GangReservation(GangKey Key, int Priority, string Domain, ImmutableArray<string> Nodes)
{
    /// <summary>What a pod is told that must not go there.</summary>
    public string Text => $"GPUs are kept for {Key}, which has waited long";

    /// <summary>What is kept, in words: <c>8 nodes of nvidia.com/gpu.clique=c1 are kept</c>, <c>node c1-n0 is kept</c>.</summary>
    public string Where => Nodes.Length == 1 ? $"node {Nodes[0]} is kept" : $"{Nodes.Length} nodes{(Domain.Length > 0 ? $" of {Domain}" : "")} are kept";

    /// <inheritdoc/>
    public bool Equals(GangReservation? other) =>
        other is not null && Key == other.Key && Priority == other.Priority && Domain == other.Domain && Nodes.SequenceEqual(other.Nodes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Domain, Nodes.Length);
}
