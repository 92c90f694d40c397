using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>Tries out one node with some pods on it in a ledger of its own.</summary>
internal static class Trial
{
    /// <summary>Whether a pod of that shape fits on the node beside the pods.</summary>
    public static bool Fits(LedgerOptions options, Node node, IEnumerable<PlacedPod> pods, PodShape shape)
    {
        var ledger = new ClusterLedger(options.ForTrial());
        ledger.UpsertNode(node);
        foreach (var placed in pods) ledger.Place(placed, node.Name);
        var snapshot = ledger.Publish();
        return new PodFilter(snapshot.Tables, shape).Check(snapshot.Pages[0], 0).IsNone;
    }
}
