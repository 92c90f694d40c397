using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Makes the strategy of one name for a cluster and a workload. Both methods belong to the writer, off the request path; what they return
/// is immutable and published next to the snapshot.
/// </summary>
public interface IPackingPolicy
{
    /// <summary>The name it is configured by, e.g. <c>ResidualValue</c>.</summary>
    string Name { get; }

    /// <summary>Whether <see cref="Build"/> looks at the workload at all.</summary>
    bool UsesWorkload { get; }

    /// <summary>Builds all tables anew.</summary>
    PackingStrategy Build(WorkloadMix workload, ClusterSnapshot cluster);

    /// <summary>
    /// Brings up to date what depends on how full the cluster is; the same instance when nothing changed that would change a score. Cheap
    /// enough for every few pods.
    /// </summary>
    PackingStrategy Refresh(PackingStrategy current, ClusterSnapshot cluster) => current;
}
