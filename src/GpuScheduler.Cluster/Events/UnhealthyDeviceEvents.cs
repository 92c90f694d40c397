using GpuScheduler.Cluster.Auditing;
using GpuScheduler.Cluster.Binding;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Cluster.Events;

/// <summary>
/// Says on a pod that a GPU it holds is not healthy: one Warning event per pod, as long as it stays so. Where it is only a guess which of a node's
/// GPUs is broken, or which of them the pod holds, nothing is said.
/// </summary>
/// <param name="store">Where it looks.</param>
/// <param name="gate">Only the replica that may bind writes events.</param>
/// <param name="recorder">Writes them.</param>
/// <param name="time">Paces it.</param>
public sealed class UnhealthyDeviceEvents(SnapshotStore store, IBindGate gate, EventRecorder recorder, TimeProvider time)
{
    /// <summary>Reason of the event.</summary>
    public const string Reason = "UnhealthyGPU";

    private const string Action = "Auditing";

    private HashSet<string> _told = [];

    /// <summary>Looks at every snapshot that there is when an <see cref="Auditor.Interval"/> has gone by, until cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Auditor.Interval, time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false)) Look();
    }

    /// <summary>Looks now. Not for two threads at once.</summary>
    public void Look()
    {
        if (gate.Refusal is not null) return;
        var snapshot = store.Current;
        var now = new HashSet<string>();
        foreach (var row in snapshot.Names.Rows)
        {
            uint unhealthy = 0;
            foreach (var device in row.Devices.Devices)
            {
                if (device is { IsHealthy: false, IsHealthInferred: false } && device.Index < 32) unhealthy |= 1u << device.Index;
            }

            if (unhealthy != 0) Look(row.Name, unhealthy, snapshot.PageOf(row.Row).Pods(row.Row & NodePage.RowMask), now);
        }

        _told = now;
    }

    private void Look(string node, uint unhealthy, ReadOnlySpan<PlacedPod> pods, HashSet<string> now)
    {
        foreach (var placed in pods)
        {
            var held = placed.DeviceMask & unhealthy;
            if (held == 0 || placed.DevicesInferred || placed.IsAssumed) continue;
            now.Add(placed.Pod.Uid);
            if (_told.Contains(placed.Pod.Uid)) continue;
            recorder.Record(
                BindEvents.Reference(placed.Pod), related: null, isWarning: true, Reason, Action,
                $"Not healthy on node {node} and held by this pod:{BindEvents.DeviceText(held)[" with".Length..]}");
        }
    }
}
