using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>
/// Finds what would make a gang fit whole that waits, or the rest of one that runs in part: pods that would have to end, or nodes to add, in one topology domain. Each change was made in a
/// ledger of its own, and the gang planned there behind all gangs before it. Pure.
/// </summary>
/// <param name="options">Options of the ledger that the snapshot comes from.</param>
internal sealed class GangRemedySearch(LedgerOptions options)
{
    private const int MaxPods = 512;
    private const int MaxNodes = 512;

    private readonly LedgerOptions _options = options.ForTrial();

    /// <summary>The changes; none for a gang that has all its places, or waits for something else than room.</summary>
    public IReadOnlyList<Remedy> Find(ClusterSnapshot snapshot, GangPlan plan)
    {
        var gang = plan.Gang;
        if (plan.Reason.Length == 0 || gang is { IsUnknown: true, IsStarted: false }) return [];
        var before = snapshot.Gangs.All.Where(other => !other.Waiting.IsEmpty && other.Key != gang.Key && GangOrder.Instance.Compare(other, gang) < 0)
            .Order(GangOrder.Instance).ToList();
        var planner = new GangPlanner(snapshot, new TrialCluster(snapshot, _options));
        var taken = before.SelectMany(other => planner.Plan(other, last: null).Places).ToList();
        var remedies = new List<Remedy>();
        if (Leaving(snapshot, gang, before, taken, planner) is { } ended) remedies.Add(ended);
        if (Adding(snapshot, gang, before, planner) is { } added) remedies.Add(added);
        return remedies.Count > 0 ? remedies
            : [.. gang.Waiting.Select(pod => pod.Shape).Distinct().SelectMany(shape => new RemedySearch(_options).FindTooLarge(snapshot, shape))];
    }

    /// <summary>Of the nodes that would hold the gang soonest, all pods go, and come back, the most important first, while there is room.</summary>
    private EndPodsForGang? Leaving(ClusterSnapshot snapshot, Gang gang, List<Gang> before, List<GangPlace> taken, GangPlanner planner)
    {
        if (planner.Keep(gang, last: null) is not { } room) return null;
        var running = gang.Placed.Select(place => place.NodeName).ToHashSet();
        var own = gang.Placed.Select(place => place.Uid).ToHashSet();
        var rows = snapshot.Names.Rows.ToArray().Where(row => room.Nodes.Contains(row.Name) || running.Contains(row.Name)).ToList();
        var leaving = rows.Where(row => room.Nodes.Contains(row.Name)).SelectMany(row => PodsOf(snapshot, row).Select(placed => (Node: row.Name, placed.Pod)))
            .Where(found => found.Pod.ControllerKind is not ("DaemonSet" or "Node") && found.Pod.Shape.UsesGpu && !own.Contains(found.Pod.Uid))
            .GroupBy(found => found.Node).SelectMany(node => node.Select(found => (found.Node, found.Pod, Beside: node.Count())))
            .OrderBy(found => found.Pod.Priority).ThenBy(found => found.Beside).ThenBy(found => found.Pod.Shape.Gpu.TotalMilli).ThenByDescending(found => found.Pod.CreatedAt).ToList();
        if (leaving.Count is 0 or > MaxPods || !FitsThere()) return null;
        for (var i = leaving.Count - 1; i >= 0; i--)
        {
            var spared = leaving[i];
            leaving.RemoveAt(i);
            if (!FitsThere()) leaving.Insert(i, spared);
        }

        var uids = Uids();
        return uids.Count > 0 && Plans(WhatIf(snapshot, snapshot.Names.Rows.ToArray(), uids), before, gang)
            ? new EndPodsForGang(gang.IsStarted, room.Domain, [.. leaving.GroupBy(found => found.Node).Select(node => new Leaving(node.Key, [.. node.Select(found => found.Pod)]))])
            : null;

        HashSet<string> Uids() => [.. leaving.Select(found => found.Pod.Uid)];

        // On these nodes alone, beside what gangs before it will have there.
        bool FitsThere() => Plans(WhatIf(snapshot, rows, Uids(), taken.Where(place => room.Nodes.Contains(place.NodeName))), [], gang);
    }

    /// <summary>The fewest nodes like one of the domain that holds most of the gang; more where gangs before it would take the first of them.</summary>
    private AddNodesForGang? Adding(ClusterSnapshot snapshot, Gang gang, List<Gang> before, GangPlanner planner)
    {
        if (planner.Nearest(gang) is not { } nearest) return null;
        var shapes = gang.Waiting.Select(pod => pod.Shape).Distinct().ToList();
        var like = nearest.Rows.Select(row => snapshot.PageOf(row).Node(row & NodePage.RowMask)!.Node)
            .FirstOrDefault(node => shapes.TrueForAll(shape => Trial.Fits(_options, node, [], shape)));
        if (like is null) return null;
        var size = Math.Max(gang.Waiting.Length, gang.Quorum);
        var (fails, fits) = (0, size);
        if (!FitsWith(fits))
        {
            (fails, fits) = (fits, fits + before.Sum(other => Math.Max(other.Waiting.Length, other.Quorum)));
            if (fits == fails || fits > MaxNodes || !FitsWith(fits)) return null;
        }

        while (fits - fails > 1)
        {
            var middle = fails + ((fits - fails) / 2);
            if (FitsWith(middle)) fits = middle;
            else fails = middle;
        }

        return new AddNodesForGang(gang.IsStarted, nearest.Fit, size, nearest.Domain, fits, like.Name, like.Gpu.Model);

        bool FitsWith(int count) => Plans(
            WhatIf(snapshot, snapshot.Names.Rows.ToArray(), [], more: Enumerable.Range(0, count).Select(i => like.With(name: $"{like.Name}+{i}"))), before, gang);
    }

    private bool Plans(ClusterSnapshot snapshot, List<Gang> before, Gang gang)
    {
        var planner = new GangPlanner(snapshot, new TrialCluster(snapshot, _options));
        foreach (var other in before) planner.Plan(other, last: null);
        return planner.Plan(gang, last: null).Reason.Length == 0;
    }

    /// <summary>Some nodes with their pods but those that have ended, with places that are taken, and with more nodes.</summary>
    private ClusterSnapshot WhatIf(
        ClusterSnapshot snapshot, IEnumerable<NodeRow> rows, HashSet<string> ended, IEnumerable<GangPlace>? taken = null, IEnumerable<Node>? more = null)
    {
        var ledger = new ClusterLedger(_options);
        foreach (var row in rows)
        {
            ledger.UpsertNode(row.Node);
            foreach (var placed in PodsOf(snapshot, row))
            {
                if (!ended.Contains(placed.Pod.Uid)) ledger.Place(placed, row.Name);
            }
        }

        foreach (var node in more ?? []) ledger.UpsertNode(node);
        foreach (var (number, place) in (taken ?? []).Index())
        {
            ledger.UpsertPod(new Pod { Namespace = "", Name = $"planned-{number}", Uid = $"planned-{number}", Shape = place.Shape, NodeName = place.NodeName });
        }

        ledger.KeepFor(snapshot.Reservation);
        return ledger.Publish();
    }

    private static PlacedPod[] PodsOf(ClusterSnapshot snapshot, NodeRow row) => snapshot.PageOf(row.Row).Pods(row.Row & NodePage.RowMask).ToArray();
}
