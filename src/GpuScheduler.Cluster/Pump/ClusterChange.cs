using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Cluster.Pump;

/// <summary>Something the single writer does to the ledger. Changes are applied one after the other, in the order they were posted.</summary>
public abstract class ClusterChange
{
    /// <summary>A node was added or changed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isInOrder">See <see cref="ClusterLedger.UpsertNode"/>.</param>
    public static ClusterChange NodeUpserted(Node node, bool isInOrder = false) => new Simple(ledger => ledger.UpsertNode(node, isInOrder));

    /// <summary>A node was deleted.</summary>
    public static ClusterChange NodeDeleted(string name, string uid) => new Simple(ledger => ledger.DeleteNode(name, uid));

    /// <summary>Something besides the node object says which of a node's devices are broken; see <see cref="ClusterLedger.ReportUnhealthy"/>.</summary>
    public static ClusterChange DevicesReported(string nodeName, string devices) => new Simple(ledger => ledger.ReportUnhealthy(nodeName, devices));

    /// <summary>A pod was added or changed.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isInOrder">See <see cref="ClusterLedger.UpsertPod"/>.</param>
    public static ClusterChange PodUpserted(Pod pod, bool isInOrder = false) => new Simple(ledger => ledger.UpsertPod(pod, isInOrder));

    /// <summary>A pod was deleted.</summary>
    public static ClusterChange PodDeleted(string uid) => new Simple(ledger => ledger.DeletePod(uid));

    /// <summary>The bind call of an assumed pod failed.</summary>
    public static ClusterChange PodForgotten(string uid) => new Simple(ledger => ledger.Forget(uid));

    /// <summary>The bind call of an assumed pod ended well at <paramref name="now"/>.</summary>
    public static ClusterChange BindingFinished(string uid, DateTimeOffset now) => new Simple(ledger => ledger.FinishBinding(uid, now));

    /// <summary>The object behind a gang was added or changed.</summary>
    public static ClusterChange PodGroupUpserted(PodGroup group) => new Simple(ledger => ledger.UpsertPodGroup(group));

    /// <summary>The object behind a gang was deleted.</summary>
    public static ClusterChange PodGroupDeleted(GangKey key) => new Simple(ledger => ledger.DeletePodGroup(key));

    /// <summary>Does it.</summary>
    internal abstract void Apply(ClusterLedger ledger);

    /// <summary>Called once the snapshot that shows the change is published.</summary>
    internal virtual void Complete()
    {
    }

    /// <summary>Called instead when applying it failed.</summary>
    internal virtual void Fail(Exception problem)
    {
    }

    private sealed class Simple(Action<ClusterLedger> apply) : ClusterChange
    {
        internal override void Apply(ClusterLedger ledger) => apply(ledger);
    }
}
