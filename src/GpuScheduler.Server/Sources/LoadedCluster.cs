using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Server.Sources;

/// <summary>Nodes and pods read from a file.</summary>
/// <param name="Nodes">Nodes.</param>
/// <param name="Pods">Pods, waiting ones included.</param>
/// <param name="Problems">Objects and fields that were left out, each a sentence.</param>
public sealed record LoadedCluster(IReadOnlyList<Node> Nodes, IReadOnlyList<Pod> Pods, IReadOnlyList<string> Problems)
{
    /// <summary>The objects behind gangs.</summary>
    public IReadOnlyList<PodGroup> PodGroups { get; init; } = [];
}
