namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The one place where the newest snapshot is found. One writer publishes, any number of readers read without a lock; a request reads
/// <see cref="Current"/> exactly once and passes it down.
/// </summary>
public sealed class SnapshotStore
{
    private volatile ClusterSnapshot _current = ClusterSnapshot.Empty;

    /// <summary>The newest snapshot.</summary>
    public ClusterSnapshot Current => _current;

    /// <summary>Makes a snapshot the newest; only the writer calls this.</summary>
    public void Publish(ClusterSnapshot snapshot) => _current = snapshot;
}
