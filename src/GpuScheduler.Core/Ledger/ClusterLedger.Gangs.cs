using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <content>Gangs: the first pod that comes to be bound makes the ledger hold the places of all others, until they have come or it is called off.</content>
public sealed partial class ClusterLedger
{
    private long _reservations;

    /// <summary>A gang as it is now; null when it has no pods.</summary>
    public Gang? FindGang(GangKey key) => _gangs.Find(key) is { Members.Count: > 0 } gang ? _gangs.Describe(gang) : null;

    /// <summary>
    /// Objects of this kind (<see cref="GangKey.Kind"/>) are followed from now on: a gang of the kind whose size its pods do not say waits until its
    /// object is known.
    /// </summary>
    public void FollowPodGroups(string kind) => _gangs.Follow(kind);

    /// <summary>The object behind a gang came, or changed.</summary>
    public void UpsertPodGroup(PodGroup group) => _gangs.Set(group);

    /// <summary>The object behind a gang was deleted.</summary>
    public void DeletePodGroup(GangKey key) => _gangs.Remove(key);

    /// <summary>
    /// Places a pod as <see cref="Assume"/> does. If its gang has not started, the places that <paramref name="planFor"/> gives the others are
    /// held with it: the pod must not be bound before the gang is complete. Nothing changes when any of it does not fit.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="nodeName">The node kube-scheduler chose.</param>
    /// <param name="planFor">Plans a gang on a snapshot; null when there is no such gang in it.</param>
    /// <param name="now">As for <see cref="Assume"/>.</param>
    public GangAssumption AssumeMember(Pod pod, string nodeName, Func<ClusterSnapshot, GangKey, GangPlan?> planFor, DateTimeOffset now = default)
    {
        if (_deleted.Contains(pod.Uid)) return new(Assume(pod, nodeName, now), null, false);
        var entry = EntryOf(pod);
        if (entry.Gang is not { } gang) return new(Assume(pod, nodeName, now), null, false);
        if (gang.Hold is { } hold)
        {
            if (hold.Arrived.Contains(pod.Uid)) return new(Assume(pod, nodeName, now), gang.Key, false);
            var taken = TakePlace(hold, pod, nodeName);
            var outcome = Assume(pod, nodeName, now);
            if (outcome.Result != AssumeResult.Assumed)
            {
                if (taken is not null) Restore(hold, taken);
                return new(outcome, null, false);
            }

            return Arrive(gang, hold, entry, outcome);
        }

        if (gang.HasStarted || entry.Node is not null) return new(Assume(pod, nodeName, now), null, false);
        return Begin(gang, entry, nodeName, planFor, now);
    }

    /// <summary>
    /// Gives back everything that is held for a gang that is not complete: the places of those to come, and those of the pods that came. The UIDs of
    /// these; empty when nothing is held any more.
    /// </summary>
    public IReadOnlyList<string> CallOff(GangKey key)
    {
        if (_gangs.Find(key) is not { Hold: { } hold } gang) return [];
        gang.Hold = null;
        foreach (var place in hold.Places) Release(place);
        foreach (var uid in hold.Arrived) Forget(uid);
        gang.IsSetAside = true;
        _gangs.Touch(gang);
        return [.. hold.Arrived];
    }

    /// <summary>A gang had its turn and did not take it: others are planned for before it until another pod of it comes.</summary>
    public void SetAside(GangKey key)
    {
        if (_gangs.Find(key) is not { } gang || gang.IsSetAside) return;
        gang.IsSetAside = true;
        _gangs.Touch(gang);
    }

    private GangAssumption Begin(GangEntry gang, PodEntry entry, string nodeName, Func<ClusterSnapshot, GangKey, GangPlan?> planFor, DateTimeOffset now)
    {
        var pod = entry.Pod;
        if (planFor(Publish(), gang.Key) is not { } plan) return new(Assume(pod, nodeName, now), null, false);
        if (!plan.Fits) return new(new(AssumeResult.DoesNotFit, 0, plan.Reason), null, false);

        var outcome = Assume(pod, nodeName, now);
        if (outcome.Result != AssumeResult.Assumed) return new(outcome, null, false);
        var hold = gang.Hold = new GangHold(plan.Gang.Quorum);
        var own = plan.PlaceFor(pod, nodeName);
        foreach (var place in plan.Places)
        {
            if (ReferenceEquals(place, own) || Reserve(hold, gang, place.Shape, place.NodeName)) continue;
            CallOff(gang.Key);
            return new(new(AssumeResult.DoesNotFit, 0, $"{gang.Key}: with {pod.Name} on {nodeName} its other pods do not fit as planned"), null, false);
        }

        return Arrive(gang, hold, entry, outcome);
    }

    private GangAssumption Arrive(GangEntry gang, GangHold hold, PodEntry entry, AssumeOutcome outcome)
    {
        hold.Arrived.Add(entry.Pod.Uid);
        _gangs.Touch(gang);
        if (hold.Arrived.Count < hold.Quorum) return new(outcome, gang.Key, false);
        gang.Hold = null;
        foreach (var place in hold.Places) Release(place);
        if (_reservation?.Key == gang.Key) KeepFor(null);
        return new(outcome, gang.Key, true);
    }

    /// <summary>Frees the place that is held for a pod: the one on its node, or else any for a pod like it.</summary>
    private PodEntry? TakePlace(GangHold hold, Pod pod, string nodeName)
    {
        var index = hold.Places.FindIndex(place => place.Node!.Name == nodeName && place.Pod.Shape.Equals(pod.Shape));
        if (index < 0) index = hold.Places.FindIndex(place => place.Pod.Shape.Equals(pod.Shape));
        if (index < 0) return null;
        var taken = hold.Places[index];
        var kept = new PodEntry(taken.Pod) { IsReservation = true, Node = taken.Node, Placed = taken.Placed };
        hold.Places.RemoveAt(index);
        Release(taken);
        return kept;
    }

    private void Restore(GangHold hold, PodEntry taken)
    {
        var (node, mask, slots) = (NodeOf(taken.Node!.Name), taken.Placed.DeviceMask, taken.Placed.Mig);
        taken.Node = null;
        Hold(taken, node, PodState.Assumed, mask, inferred: false, slots);
        hold.Places.Add(taken);
    }

    private bool Reserve(GangHold hold, GangEntry gang, PodShape shape, string nodeName)
    {
        if (!_nodes.TryGetValue(nodeName, out var node) || node.Node is null) return false;
        var page = _pages.PageOf(node.Row);
        var rowInPage = node.Row & NodePage.RowMask;
        if (!FilterFor(shape, gang).Check(page, rowInPage).IsNone) return false;
        var mask = node.Uses.Length == 0 || shape.Gpu.IsNone ? 0 : _options.ChooseDevices(page, rowInPage, shape);
        var number = ++_reservations;
        var place = new PodEntry(new Pod
        {
            Namespace = gang.Key.Namespace,
            Name = $"(held for {gang.Key})",
            Uid = $"held-{number}",
            Shape = shape,
            Priority = int.MaxValue,
        })
        { IsReservation = true };
        Hold(place, node, PodState.Assumed, mask, inferred: false);
        hold.Places.Add(place);
        return true;
    }

    /// <summary>A pod that came and is deleted again leaves its place to the one that will replace it.</summary>
    private static (GangEntry Gang, PodShape Shape, string NodeName)? LeaveHold(PodEntry entry)
    {
        if (entry.Gang is not { Hold: { } hold } gang || entry.Node is not { } node || !hold.Arrived.Remove(entry.Pod.Uid)) return null;
        return (gang, entry.Pod.Shape, node.Name);
    }

    private void KeepPlace((GangEntry Gang, PodShape Shape, string NodeName) place)
    {
        if (place.Gang.Hold is { } hold) Reserve(hold, place.Gang, place.Shape, place.NodeName);
    }

    private PodEntry EntryOf(Pod pod)
    {
        if (_pods.TryFind(pod.Uid, out var entry)) return entry;
        entry = Record(pod);
        entry.Pod = Share(pod, entry.Pod);
        Wait(entry);
        return entry;
    }
}
