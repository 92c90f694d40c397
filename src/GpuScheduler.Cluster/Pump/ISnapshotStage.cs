using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Cluster.Pump;

/// <summary>Prepares what goes with a snapshot before anybody can read it.</summary>
public interface ISnapshotStage
{
    /// <summary>Called by the writer after every drain, before its snapshot (the last one again when no number changed) is published.</summary>
    void Prepare(ClusterSnapshot snapshot);
}
