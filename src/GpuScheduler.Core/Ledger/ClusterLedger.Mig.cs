using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>The MIG slots of pods on nodes where instances are made as pods need them.</summary>
public sealed partial class ClusterLedger
{
    private IReadOnlyList<MigSlot>? ChooseMig(NodeEntry node, PodShape shape) =>
        node.Mig.Node.Mode != MigMode.Dynamic || shape.Mig.IsEmpty ? [] : node.Mig.Choose(shape.Mig, _options.MigValues);

    /// <summary>
    /// The slots of a pod that is put on a node: those its annotation names, else those it is known to have, else the best there are. Of a
    /// pod that we did not place, the last is a guess.
    /// </summary>
    private PlacedPod WithMig(PlacedPod placed, NodeEntry node, IReadOnlyList<MigSlot>? known)
    {
        var requests = placed.Pod.Shape.Mig;
        if (requests.IsEmpty || node.Mig.Node.Mode != MigMode.Dynamic) return placed;
        if (ProvenMig(placed.Pod, node) is { } proven) return placed with { Mig = proven };
        if (known is { Count: > 0 } && node.Mig.IsPossible(known)) return placed with { Mig = known };
        var chosen = placed.IsAssumed ? node.Mig.Choose(requests, _options.MigValues) : null;
        return placed with { Mig = chosen ?? [], MigInferred = chosen is null };
    }

    private static IReadOnlyList<MigSlot>? ProvenMig(Pod pod, NodeEntry node) =>
        MigAnnotation.TryRead(pod, out var slots) && node.Mig.IsPossible(slots) ? slots : null;

    /// <summary>The node's GPUs, or what is known of them, are others: every pod's slots are found anew, those with proof first.</summary>
    private static void ReassignMig(NodeEntry entry, MigNode mig)
    {
        entry.Mig = new MigAccount(mig);
        foreach (var pod in entry.Pods)
        {
            if (pod.Pod.Shape.Mig.IsEmpty) continue;
            if (mig.Mode != MigMode.Dynamic) pod.Placed = pod.Placed with { Mig = [], MigInferred = false };
            else if (ProvenMig(pod.Pod, entry) is { } proven) pod.Placed = pod.Placed with { Mig = proven, MigInferred = false };
            else if (pod.Placed.Mig.Count == 0 || !entry.Mig.IsPossible(pod.Placed.Mig)) pod.Placed = pod.Placed with { Mig = [], MigInferred = true };
        }
    }

    /// <summary>Brings account and columns up to date with the pods on record.</summary>
    private void WriteMig(NodeEntry node)
    {
        if (node.Mig.Node.Mode == MigMode.Dynamic) node.Mig.Settle(node.Pods, _options.MigValues);
        if (node.Row < 0) return;
        if (node.Mig.Node.Geometry is { } geometry) Tables = Tables.WithGeometry(geometry);
        _pages.SetMig(node.Row, node.Mig, Tables);
    }
}
