using GpuScheduler.Core.Objects;

namespace GpuScheduler.Simulation.Generation;

/// <summary>A made-up cluster.</summary>
/// <param name="Nodes">Its nodes, sorted by name as the API server lists them.</param>
/// <param name="Pods">The pods that run on them; they fit.</param>
public sealed record GeneratedCluster(IReadOnlyList<Node> Nodes, IReadOnlyList<Pod> Pods);
