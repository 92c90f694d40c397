using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Cluster.Nomination;

/// <summary>One write: the pod's nomination becomes <paramref name="To"/> (null: none).</summary>
internal readonly record struct NominationWrite(WaitingPod Pod, string? To);

/// <summary>Where the plan of a gang has one of its pods.</summary>
/// <param name="NodeName">The node; null when the gang cannot start.</param>
/// <param name="IsHeld">The snapshot counts the pod's room as taken already: it is held for it.</param>
/// <param name="MayUseKept">It may go to nodes that are kept for a gang.</param>
internal readonly record struct PlannedMember(string? NodeName, bool IsHeld, bool MayUseKept)
{
    /// <summary>Where the newest plan of its gang has a pod; null for a pod without a gang.</summary>
    public static PlannedMember? Of(ClusterSnapshot snapshot, GangPlans plans, Pod pod)
    {
        if (GangMembership.Of(pod) is not { } membership) return null;
        var plan = plans.Of(snapshot, membership.Key);
        return plan?.PlaceOf(pod.Uid) is >= 0 and var place
            ? new PlannedMember(plan.Places[place].NodeName, plan.Gang.Held is not null, snapshot.MayUseKept(plan.Gang)) : default(PlannedMember);
    }
}

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

    private readonly PlannedCluster _cluster;
    private readonly Func<Pod, PlannedMember?> _memberOf;
    private readonly int _mostAdditions;

    private NominationPlan(PlannedCluster cluster, Func<Pod, PlannedMember?> memberOf, int mostAdditions) =>
        (_cluster, _memberOf, _mostAdditions) = (cluster, memberOf, mostAdditions);

    /// <summary>
    /// Moves and withdrawals of nominations of ours that no longer fit, in the order to write them: of lower priority first, because what takes
    /// their place has higher priority.
    /// </summary>
    public IReadOnlyList<NominationWrite> Corrections => _corrections;

    /// <summary>First nominations, in queue order.</summary>
    public IReadOnlyList<NominationWrite> Additions => _additions;

    /// <summary>Whether there may be more <see cref="Additions"/> than were asked for.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Nominations of ours that stand as they are.</summary>
    public int Standing { get; private set; }

    /// <summary>Plans.</summary>
    /// <param name="cluster">What holds now; the pods are placed in it.</param>
    /// <param name="waiting">All waiting pods; sorted in place.</param>
    /// <param name="mayNominate">Whether a pod may be nominated by us.</param>
    /// <param name="memberOf">Where the plan of a pod's gang has it; null for a pod without a gang.</param>
    /// <param name="mostAdditions">How many first nominations to look for; those behind them in the queue change nothing about them.</param>
    public static NominationPlan Make(
        PlannedCluster cluster, List<WaitingPod> waiting, Func<Pod, bool> mayNominate, Func<Pod, PlannedMember?> memberOf, int mostAdditions = int.MaxValue)
    {
        waiting.Sort(CompareInQueue);
        var plan = new NominationPlan(cluster, memberOf, mostAdditions);
        var stale = new List<WaitingPod>();
        for (var i = 0; i < waiting.Count;)
        {
            var priority = waiting[i].Pod.Priority;
            for (; i < waiting.Count && waiting[i].Pod.Priority == priority && waiting[i].Owner != NominationOwner.None; i++) plan.Keep(waiting[i], stale);
            foreach (var pod in stale) plan._corrections.Add(new(pod, plan.Place(pod.Pod)));
            stale.Clear();
            for (; i < waiting.Count && waiting[i].Pod.Priority == priority; i++) plan.Add(waiting[i], mayNominate);
        }

        plan._corrections.Reverse();
        return plan;
    }

    private void Keep(WaitingPod pod, List<WaitingPod> stale)
    {
        if (pod.Owner == NominationOwner.Another) _cluster.Place(pod.Pod.Shape, pod.NodeName!);
        else if (Stands(pod.Pod, pod.NodeName!)) Standing++;
        else if (pod.MayWrite) stale.Add(pod);
    }

    private bool Stands(Pod pod, string node) => _memberOf(pod) is { } member
        ? member.NodeName == node && IsFree(member, pod)
        : _cluster.TryPlace(pod.Shape, node);

    private void Add(WaitingPod pod, Func<Pod, bool> mayNominate)
    {
        if (!pod.MayWrite || !mayNominate(pod.Pod)) return;
        if (_additions.Count == _mostAdditions) IsCut = true;
        else if (Place(pod.Pod) is { } node) _additions.Add(new(pod, node));
    }

    /// <summary>A pod of a gang goes where its gang's plan has it, because filter offers it nothing else; every other to the best node.</summary>
    private string? Place(Pod pod)
    {
        if (_memberOf(pod) is not { } member) return _cluster.PlaceBest(pod.Shape);
        return IsFree(member, pod) ? member.NodeName : null;
    }

    private bool IsFree(PlannedMember member, Pod pod) =>
        member.NodeName is { } node && (member.IsHeld || _cluster.TryPlace(pod.Shape, node, member.MayUseKept));

    /// <summary>By priority; of equal priority first what preemption made room for, then what stands, then the rest; each by age.</summary>
    private static int CompareInQueue(WaitingPod a, WaitingPod b)
    {
        var order = b.Pod.Priority.CompareTo(a.Pod.Priority);
        if (order == 0) order = a.Owner.CompareTo(b.Owner);
        if (order == 0) order = a.Pod.CreatedAt.CompareTo(b.Pod.CreatedAt);
        if (order == 0) order = ResourceVersion.CompareWritten(a.Pod.ResourceVersion, b.Pod.ResourceVersion);
        if (order == 0) order = string.CompareOrdinal(a.Pod.Namespace, b.Pod.Namespace);
        return order != 0 ? order : string.CompareOrdinal(a.Pod.Name, b.Pod.Name);
    }
}
