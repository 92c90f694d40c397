using System.Collections.Immutable;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>
/// The single pods that nodes were kept from, once those are let go: because the gang has started or was deleted, or others are kept for it now.
/// kube-scheduler has seen nothing that makes room for them. For one thread.
/// </summary>
/// <param name="pump">The single writer, who knows what waits.</param>
internal sealed class HeldBackPods(ClusterPump pump)
{
    private readonly Queue<Pod> _pods = new();
    private ImmutableArray<string> _kept = [];

    /// <summary>Looks which nodes have been let go since the last snapshot, and who waits for them.</summary>
    public async Task LookAsync(ClusterSnapshot snapshot)
    {
        var kept = snapshot.Reservation?.Nodes ?? [];
        if (kept == _kept) return;
        var letGo = _kept.Except(kept).ToList();
        _kept = kept;
        if (letGo.Count == 0) return;
        foreach (var pod in await pump.AskAsync(ledger => ledger.WaitingFor(letGo), CancellationToken.None).ConfigureAwait(false)) _pods.Enqueue(pod);
    }

    /// <summary>The next of them, at most so many; each is given once.</summary>
    public IEnumerable<Pod> Take(int most)
    {
        for (; most > 0 && _pods.TryDequeue(out var pod); most--) yield return pod;
    }

    /// <summary>Forgets all of it.</summary>
    public void Clear()
    {
        _kept = [];
        _pods.Clear();
    }
}
