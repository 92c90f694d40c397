using System.Collections.Concurrent;
using System.Collections.Immutable;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// The plans of the gangs of a snapshot, made when first asked for and kept as long as the snapshot is. Gangs are planned in turn - by priority, those
/// that run before those that wait, whole ones before those with pods missing, then by age - each beside the plans of all before it: what fits for
/// one is never promised to another. A function of the snapshot but for one thing: a plan that still fits is kept. Safe for concurrent use; no lock
/// where a plan is known.
/// </summary>
/// <param name="options">The options of the ledger that the snapshots come from.</param>
public sealed class GangPlans(LedgerOptions options)
{
    private readonly LedgerOptions _options = options.ForTrial();
    private readonly Lock _planning = new();
    private readonly Dictionary<GangKey, GangPlan> _last = [];
    private volatile PlanSet _current = new(ClusterSnapshot.Empty, null!, []);

    /// <summary>The plan of a gang; null when the snapshot does not know it. Allocates nothing when it is known already.</summary>
    public GangPlan? Of(ClusterSnapshot snapshot, GangKey key)
    {
        var current = _current;
        return ReferenceEquals(current.Snapshot, snapshot) && current.Known.TryGetValue(key, out var known) ? known : PlanUpTo(snapshot, key);
    }

    /// <summary>The plan of a gang with a pod that the snapshot does not know yet.</summary>
    public GangPlan OfNewcomer(ClusterSnapshot snapshot, Pod pod, GangMembership membership)
    {
        lock (_planning)
        {
            var known = snapshot.Gangs.Find(membership.Key);
            var gang = known is null
                ? new Gang { Key = membership.Key, MinSize = membership.MinSize, Topology = membership.Topology, Priority = pod.Priority, CreatedAt = pod.CreatedAt, Waiting = [pod] }
                : known with { Waiting = [.. known.Waiting.Where(other => other.Uid != pod.Uid), pod], IsSetAside = false };
            var set = Begin(snapshot, [gang, .. snapshot.Gangs.All.Where(other => other.Key != gang.Key)]);
            var plan = set.PlanUpTo(gang.Key, _last)!;
            if (plan.Places.Length > 0) _last[gang.Key] = plan;
            return plan;
        }
    }

    private GangPlan? PlanUpTo(ClusterSnapshot snapshot, GangKey key)
    {
        lock (_planning)
        {
            if (!ReferenceEquals(_current.Snapshot, snapshot))
            {
                foreach (var gone in _last.Keys.Where(gang => snapshot.Gangs.Find(gang) is null).ToList()) _last.Remove(gone);
                _current = Begin(snapshot, snapshot.Gangs.All);
            }

            return _current.PlanUpTo(key, _last);
        }
    }

    private PlanSet Begin(ClusterSnapshot snapshot, IEnumerable<Gang> gangs)
    {
        var planner = new GangPlanner(snapshot, new TrialCluster(snapshot, _options));
        return new PlanSet(snapshot, planner, [.. gangs.Where(gang => !gang.Waiting.IsEmpty).OrderBy(gang => gang, GangOrder.Instance)]);
    }

    /// <summary>The plans of one snapshot, as far as they have been asked for. Written under the lock of its owner.</summary>
    private sealed class PlanSet(ClusterSnapshot snapshot, GangPlanner planner, ImmutableArray<Gang> inTurn)
    {
        private int _next;

        public ClusterSnapshot Snapshot { get; } = snapshot;

        public ConcurrentDictionary<GangKey, GangPlan> Known { get; } = new();

        public GangPlan? PlanUpTo(GangKey key, Dictionary<GangKey, GangPlan> last)
        {
            if (Known.TryGetValue(key, out var plan)) return plan;
            while (_next < inTurn.Length)
            {
                var gang = inTurn[_next++];
                plan = planner.Plan(gang, last.GetValueOrDefault(gang.Key));
                if (plan.Places.Length > 0) last[gang.Key] = plan;
                else last.Remove(gang.Key);
                Known[gang.Key] = plan;
                if (gang.Key == key) return plan;
            }

            return null;
        }
    }
}
