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
/// Answers filter for pods of gangs: the node that the gang's plan has for the pod, and no other; when kube-scheduler does not offer that one, one
/// planned for a pod like it. Safe for concurrent use; allocates nothing for a plan that was asked for before.
/// </summary>
/// <param name="plans">Plans gangs.</param>
/// <param name="reader">Reads pods.</param>
internal sealed class GangAnswers(GangPlans plans, PodReader reader)
{
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
    /// <param name="asked">The nodes asked for.</param>
    /// <param name="fits">One bit per row, overwritten: the rows to offer, all of them asked for.</param>
    /// <returns>Why there are none; null when there are some.</returns>
    public Reason? Offer(GangPlan plan, AskedPod pod, ClusterSnapshot snapshot, AskedNodes asked, Span<ulong> fits)
    {
        fits.Clear();
        Span<char> buffer = stackalloc char[LongestUid];
        if (pod.Uid.Length > LongestUid) return ReasonOf(plan);
        ReadOnlySpan<char> uid = buffer[..Encoding.UTF8.GetChars(pod.Uid, buffer)];
        var own = plan.PlaceOf(uid);
        var any = false;
        if (own >= 0)
        {
            any = TryMark(snapshot, plan.Places[own].NodeName, asked, fits);
            for (var i = 0; i < plan.Places.Length && !any; i++)
            {
                if (plan.Places[i].Shape.Equals(plan.Places[own].Shape)) any |= TryMark(snapshot, plan.Places[i].NodeName, asked, fits);
            }
        }
        else
        {
            // It holds a node already, and kube-scheduler has not heard: it may go nowhere else.
            foreach (var place in plan.Gang.Placed)
            {
                if (uid.SequenceEqual(place.Uid)) any |= TryMark(snapshot, place.NodeName, asked, fits);
            }
        }

        return any ? null : ReasonOf(plan);
    }

    private Reason ReasonOf(GangPlan plan) => _reasons.TryGetValue(plan, out var reason) ? reason : _reasons.GetValue(plan, Explain);

    private static Reason Explain(GangPlan plan) => new(RejectionClass.Unresolvable, RejectionLabels.Gang, plan.Reason.Length > 0
        ? plan.Reason
        : $"{plan.Gang.Key}: planned for {string.Join(", ", plan.Places.Select(place => place.NodeName).Distinct().Take(8))}, which kube-scheduler does not offer this pod");

    private static bool TryMark(ClusterSnapshot snapshot, string nodeName, AskedNodes asked, Span<ulong> fits)
    {
        Span<byte> name = stackalloc byte[512];
        if (!Encoding.UTF8.TryGetBytes(nodeName, name, out var length) || snapshot.Names.Find(name[..length]) is not { Row: var row }) return false;
        if (!asked.Has(row)) return false;
        fits[row >> 6] |= 1UL << (row & 63);
        return true;
    }

    /// <summary>Whether anything in a pod looks like the mark of a gang. Most pods have none and need not be read.</summary>
    private static bool MayBeMember(ReadOnlySpan<byte> json) =>
        json.IndexOf("gang"u8) >= 0 || json.IndexOf("pod-group"u8) >= 0 || json.IndexOf("scheduling.k8s.io/group-name"u8) >= 0
        || json.IndexOf("jobset-name"u8) >= 0 || json.IndexOf("leaderworkerset"u8) >= 0 || json.IndexOf("training.kubeflow"u8) >= 0
        || json.IndexOf("schedulingGroup"u8) >= 0;
}
