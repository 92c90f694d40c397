using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>All that is known of the cluster at one moment.</summary>
/// <param name="Snapshot">The nodes and the pods on them.</param>
/// <param name="Waiting">The pods that hold no node.</param>
internal sealed record ClusterState(ClusterSnapshot Snapshot, IReadOnlyList<Pod> Waiting);

/// <summary>Reads the state from the one writer, between two changes.</summary>
/// <param name="pump">The writer.</param>
internal sealed class ClusterStates(ClusterPump pump)
{
    // Touched by the writer's thread alone.
    private IReadOnlyList<Pod> _waiting = [];
    private long _waitingGeneration = -1;

    /// <summary>The newest state.</summary>
    public Task<ClusterState> ReadAsync(CancellationToken cancellationToken) => pump.AskAsync(
        ledger =>
        {
            if (_waitingGeneration != ledger.WaitingGeneration) (_waiting, _waitingGeneration) = ([.. ledger.Waiting], ledger.WaitingGeneration);
            return new ClusterState(ledger.Publish(), _waiting);
        },
        cancellationToken);
}
