using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// Answers filter for pods of gangs: the node that the gang's plan has for the pod, and no other; when kube-scheduler does not offer that one, the
/// nodes planned for pods like it. Safe for concurrent use; allocates nothing for a plan that was asked for before.
/// </summary>
/// <param name="plans">Plans gangs.</param>
/// <param name="reader">Reads pods.</param>
internal sealed class GangAnswers(GangPlans plans, PodReader reader)
{
    /// <summary>
    /// How many nodes are told the reason why a gang waits. The others are left out of the answer, which rejects them too: on 5,000 nodes the same
    /// sentence would be most of a megabyte for kube-scheduler to decode, again and again.
    /// </summary>
    private const int MaxReasons = 100;

    private const int LongestUid = 128;

    private readonly ConditionalWeakTable<GangPlan, Reason> _reasons = [];

    /// <summary>The plan of the gang that a pod belongs to; null when it belongs to none.</summary>
    /// <param name="cluster">The newest snapshot.</param>
    /// <param name="pod">The pod of the call.</param>
    public GangPlan? PlanFor(ClusterSnapshot cluster, AskedPod pod)
    {
        if (cluster.Gangs.FindByUid(pod.Uid) is { } gang) return plans.Of(cluster, gang.Key) ?? new GangPlan(gang, [], "", "");
        if (!MayBeMember(pod.Json)) return null;

        // kube-scheduler has seen the pod before our watch did.
        var json = new Utf8JsonReader(pod.Json);
        json.Read();
        var read = reader.Read(ref json);
        return GangMembership.Of(read) is { } membership ? plans.OfNewcomer(cluster, read, membership) : null;
    }

    /// <summary>Finds the rows to offer a pod of a gang.</summary>
    /// <param name="plan">The plan of its gang.</param>
    /// <param name="pod">The pod of the call.</param>
    /// <param name="snapshot">The snapshot of the rows asked for.</param>
    /// <param name="asked">One bit per row.</param>
    /// <param name="fits">One bit per row, overwritten: the rows to offer, all of them asked for.</param>
    /// <returns>Whether there are any.</returns>
    public static bool TryOffer(GangPlan plan, AskedPod pod, ClusterSnapshot snapshot, ReadOnlySpan<ulong> asked, Span<ulong> fits)
    {
        fits.Clear();
        Span<char> buffer = stackalloc char[LongestUid];
        if (pod.Uid.Length > LongestUid) return false;
        ReadOnlySpan<char> uid = buffer[..Encoding.UTF8.GetChars(pod.Uid, buffer)];
        var own = plan.PlaceOf(uid);
        if (own >= 0)
        {
            if (TryMark(snapshot, plan.Places[own].NodeName, asked, fits)) return true;
            var any = false;
            foreach (var place in plan.Places)
            {
                if (place.Shape.Equals(plan.Places[own].Shape)) any |= TryMark(snapshot, place.NodeName, asked, fits);
            }

            return any;
        }

        // It holds a node already, and kube-scheduler has not heard: it may go nowhere else.
        foreach (var place in plan.Gang.Placed)
        {
            if (uid.SequenceEqual(place.Uid)) return TryMark(snapshot, place.NodeName, asked, fits);
        }

        return false;
    }

    /// <summary>Notes down why the asked nodes are rejected.</summary>
    public void Reject(GangPlan plan, AskedNodes asked, List<(int Index, Reason Reason)> rejected)
    {
        if (!_reasons.TryGetValue(plan, out var reason)) reason = _reasons.GetValue(plan, Explain);
        for (var i = 0; i < Math.Min(asked.Count, MaxReasons); i++) rejected.Add((i, asked.All[i].Row >= 0 ? reason : Reason.UnknownNode));
    }

    private static Reason Explain(GangPlan plan) => new(RejectionClass.Unresolvable, plan.Reason.Length > 0
        ? plan.Reason
        : $"{plan.Gang.Key}: planned for {string.Join(", ", plan.Places.Select(place => place.NodeName).Distinct().Take(8))}, which kube-scheduler does not offer this pod");

    private static bool TryMark(ClusterSnapshot snapshot, string nodeName, ReadOnlySpan<ulong> asked, Span<ulong> fits)
    {
        Span<byte> name = stackalloc byte[512];
        if (!Encoding.UTF8.TryGetBytes(nodeName, name, out var length) || snapshot.Names.Find(name[..length]) is not { Row: var row }) return false;
        var bit = 1UL << (row & 63);
        if ((asked[row >> 6] & bit) == 0) return false;
        fits[row >> 6] |= bit;
        return true;
    }

    /// <summary>Whether anything in a pod looks like the mark of a gang. Most pods have none and need not be read.</summary>
    private static bool MayBeMember(ReadOnlySpan<byte> json) =>
        json.IndexOf("gang"u8) >= 0 || json.IndexOf("pod-group"u8) >= 0 || json.IndexOf("scheduling.k8s.io/group-name"u8) >= 0
        || json.IndexOf("jobset-name"u8) >= 0 || json.IndexOf("leaderworkerset"u8) >= 0 || json.IndexOf("training.kubeflow"u8) >= 0
        || json.IndexOf("schedulingGroup"u8) >= 0;
}
