using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Sources;

/// <summary>
/// Where nodes and pods come from. Feeds the <see cref="Cluster.Pump.ClusterPump"/> and carries binds out; everything else of the service is the same
/// for all sources.
/// </summary>
public interface IClusterSource
{
    /// <summary>What it is, in a few words that fit behind "this is".</summary>
    string Description { get; }

    /// <summary>Carries out binds.</summary>
    IPodBinder Binder { get; }

    /// <summary>kube-scheduler may be answered; asked on every call.</summary>
    bool IsReady { get; }

    /// <summary>Why the snapshot must not be answered from yet; empty once it holds the whole cluster.</summary>
    IReadOnlyList<string> NotReadyReasons { get; }

    /// <summary>How it fares at this moment.</summary>
    SourceVitals Vitals { get; }

    /// <summary>
    /// Feeds the pump until <paramref name="stopping"/>; a source that has nothing more to say after the first state returns before.
    /// </summary>
    /// <param name="synced">Called once, when the whole cluster is in the snapshot.</param>
    /// <param name="stopping">The service stops.</param>
    /// <exception cref="ClusterSourceException">It cannot work at all.</exception>
    Task RunAsync(Action synced, CancellationToken stopping);

    /// <summary>Recomputes what the newest snapshot should say from the objects themselves, and names every difference.</summary>
    Task<IReadOnlyList<string>> CompareAsync(SnapshotStore store, CancellationToken cancellationToken);
}

/// <summary>A source that cannot work, with a message for the person who started the service.</summary>
public sealed class ClusterSourceException(string message) : Exception(message);
