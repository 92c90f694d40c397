using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Cluster.Pump;

/// <summary>Prepares what goes with a snapshot before anybody can read it.</summary>
public interface ISnapshotStage
{
    /// <summary>Called by the writer for every new snapshot, before it is published; nothing else happens meanwhile.</summary>
    void Prepare(ClusterSnapshot snapshot);
}
