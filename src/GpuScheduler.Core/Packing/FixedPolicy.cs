using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>A policy without knowledge of the workload: its strategy depends at most on the nodes.</summary>
internal sealed class FixedPolicy(string name, Func<ClusterSnapshot, PackingStrategy> build) : IPackingPolicy
{
    public string Name => name;

    public bool UsesWorkload => false;

    public PackingStrategy Build(WorkloadMix workload, ClusterSnapshot cluster) => build(cluster);
}
