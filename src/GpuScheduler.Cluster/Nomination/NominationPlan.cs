using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;

namespace GpuScheduler.Cluster.Nomination;

/// <summary>One write: the pod's nomination becomes <paramref name="To"/> (null: none).</summary>
internal readonly record struct NominationWrite(WaitingPod Pod, string? To);

/// <summary>
/// Decides where the waiting pods go, as if kube-scheduler took them in queue order (priority, then age:
/// <c>pkg/scheduler/framework/plugins/queuesort/priority_sort.go</c>) and each were placed. Pure.
/// </summary>
/// <remarks>
/// A standing nomination counts against its node for pods of its own priority and below, as in kube-scheduler's filters. It stays where it is
/// while it fits beside everything of higher priority, so that new pods do not stir up old ones.
/// </remarks>
internal sealed class NominationPlan
{
    private readonly List<NominationWrite> _corrections = [];
    private readonly List<NominationWrite> _additions = [];

    private NominationPlan()
    {
    }

    /// <summary>
    /// Moves and withdrawals of nominations of ours that no longer fit, in the order to write them: of lower priority first, because what takes
    /// their place has higher priority.
    /// </summary>
    public IReadOnlyList<NominationWrite> Corrections => _corrections;

    /// <summary>First nominations, in queue order.</summary>
    public IReadOnlyList<NominationWrite> Additions => _additions;

    /// <summary>Nominations of ours that stand as they are.</summary>
    public int Standing { get; private set; }

    /// <summary>Plans.</summary>
    /// <param name="cluster">What holds now; the pods are placed in it.</param>
    /// <param name="waiting">All waiting pods; sorted in place.</param>
    /// <param name="mayNominate">Whether a pod may be nominated by us.</param>
    public static NominationPlan Make(PlannedCluster cluster, List<WaitingPod> waiting, Func<Pod, bool> mayNominate)
    {
        waiting.Sort(CompareInQueue);
        var plan = new NominationPlan();
        var stale = new List<WaitingPod>();
        for (var i = 0; i < waiting.Count;)
        {
            var priority = waiting[i].Pod.Priority;
            for (; i < waiting.Count && waiting[i].Pod.Priority == priority && waiting[i].Owner != NominationOwner.None; i++) plan.Keep(cluster, waiting[i], stale);
            foreach (var pod in stale) plan._corrections.Add(new(pod, cluster.PlaceBest(pod.Pod.Shape)));
            stale.Clear();
            for (; i < waiting.Count && waiting[i].Pod.Priority == priority; i++) plan.Add(cluster, waiting[i], mayNominate);
        }

        plan._corrections.Reverse();
        return plan;
    }

    private void Keep(PlannedCluster cluster, WaitingPod pod, List<WaitingPod> stale)
    {
        if (pod.Owner == NominationOwner.Another) cluster.Place(pod.Pod.Shape, pod.NodeName!);
        else if (cluster.TryPlace(pod.Pod.Shape, pod.NodeName!)) Standing++;
        else if (pod.MayWrite) stale.Add(pod);
    }

    private void Add(PlannedCluster cluster, WaitingPod pod, Func<Pod, bool> mayNominate)
    {
        if (pod.MayWrite && mayNominate(pod.Pod) && cluster.PlaceBest(pod.Pod.Shape) is { } node) _additions.Add(new(pod, node));
    }

    /// <summary>By priority; of equal priority first what preemption made room for, then what stands, then the rest; each by age.</summary>
    private static int CompareInQueue(WaitingPod a, WaitingPod b)
    {
        var order = b.Pod.Priority.CompareTo(a.Pod.Priority);
        if (order == 0) order = a.Owner.CompareTo(b.Owner);
        if (order == 0) order = a.Pod.CreatedAt.CompareTo(b.Pod.CreatedAt);
        if (order == 0) order = string.CompareOrdinal(a.Pod.Namespace, b.Pod.Namespace);
        return order != 0 ? order : string.CompareOrdinal(a.Pod.Name, b.Pod.Name);
    }
}
