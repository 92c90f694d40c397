using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>
/// Looks for the smallest set of pods whose leaving makes room on a node: single pods on all nodes, then pairs and triples, then as
/// kube-scheduler's preemption does it, all removable pods with as many put back as possible. Bounded, so with many pods a set may be larger
/// than need be; whatever is found was tried in a ledger of its own.
/// </summary>
/// <param name="options">Options of the ledger that the snapshot comes from.</param>
internal sealed class LeavingSearch(LedgerOptions options)
{
    private const int MaxOptions = 4;
    private const int MaxTrials = 4_000;
    private const int MaxNodesInDepth = 48;
    private const int MaxPodsOfANode = 20;

    private int _trials;

    /// <summary>What was found; null when no set of pods will do, or none was found within bounds.</summary>
    public EndPods? Find(ClusterSnapshot snapshot, Pod pod)
    {
        _trials = 0;
        var filter = new PodFilter(snapshot.Tables, pod.Shape);
        var nodes = Candidates(snapshot, filter, pod).ToList();
        for (var size = 1; size <= 3; size++)
        {
            var found = new List<Leaving>();
            foreach (var node in size == 1 ? nodes : nodes.Take(MaxNodesInDepth))
            {
                if (SmallestOf(node, pod, size) is { } leaving) found.Add(leaving);
            }

            if (found.Count > 0) return Result(found);
        }

        var many = nodes.Take(MaxNodesInDepth).Select(node => Many(node, pod)).OfType<Leaving>().ToList();
        if (many.Count == 0) return null;
        var least = many.Min(leaving => leaving.Pods.Count);
        return Result([.. many.Where(leaving => leaving.Pods.Count == least)]);
    }

    private static EndPods Result(List<Leaving> found) => new(
        found.Count,
        [.. found.OrderBy(leaving => leaving.Pods.Max(pod => pod.Priority)).ThenBy(leaving => leaving.Pods.Sum(pod => pod.Shape.Gpu.TotalMilli)).Take(MaxOptions)]);

    /// <summary>The nodes where leaving can help, those that lack least first.</summary>
    private static IEnumerable<Candidate> Candidates(ClusterSnapshot snapshot, PodFilter filter, Pod pod)
    {
        var candidates = new List<Candidate>();
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            var rejection = filter.Check(page, at);
            if (rejection.IsNone || PodFilter.Classify(rejection) == RejectionClass.Unresolvable) continue;
            var lacking = new List<(string Resource, long Amount)>();
            var share = 0.0;
            var requests = pod.Shape.Requests;
            for (var i = 0; i < requests.Length; i++)
            {
                var slot = snapshot.Tables.Resources.SlotOf(requests[i].Name);
                var lacks = slot < 0 ? 0 : requests[i].Amount - page.Free(slot)[at];
                if (lacks <= 0) continue;
                lacking.Add((requests[i].Name, lacks));
                share += (double)lacks / requests[i].Amount;
            }

            // A pod that leaves gives back at least its place among the node's pods; one that holds none of what lacks helps with that alone.
            var removable = page.Pods(at).ToArray().Where(placed => placed.Pod.ControllerKind is not ("DaemonSet" or "Node")
                && (lacking.Count == 0 || lacking.Exists(lack => AmountOf(placed.Pod, lack.Resource) > 0)));
            candidates.Add(new Candidate(
                row, page.Pods(at).ToArray(), lacking,
                [.. removable.OrderBy(placed => placed.Pod.Priority).ThenBy(placed => placed.Pod.Shape.Gpu.TotalMilli).ThenByDescending(placed => placed.Pod.CreatedAt)],
                share));
        }

        return candidates.OrderBy(candidate => candidate.Share);
    }

    /// <summary>The first set of that size that makes room, in the order of the pods' importance.</summary>
    private Leaving? SmallestOf(Candidate node, Pod pod, int size)
    {
        var pods = node.Removable.Take(MaxPodsOfANode).ToArray();
        var set = new PlacedPod[size];
        return Try(0, 0);

        Leaving? Try(int place, int from)
        {
            if (place == size) return IsEnough(node, set) && Fits(node, pod, set) ? new Leaving(node.Row.Name, [.. set.Select(placed => placed.Pod)]) : null;
            for (var i = from; i < pods.Length; i++)
            {
                set[place] = pods[i];
                if (Try(place + 1, i + 1) is { } found) return found;
            }

            return null;
        }
    }

    /// <summary>All removable pods go, and come back, the most important first, while there is room.</summary>
    private Leaving? Many(Candidate node, Pod pod)
    {
        var leaving = node.Removable.ToList();
        if (!Fits(node, pod, leaving)) return null;
        for (var i = leaving.Count - 1; i >= 0; i--)
        {
            var spared = leaving[i];
            leaving.RemoveAt(i);
            if (!Fits(node, pod, leaving)) leaving.Insert(i, spared);
        }

        return new Leaving(node.Row.Name, [.. leaving.Select(placed => placed.Pod)]);
    }

    /// <summary>By count alone, which is necessary and costs nothing to see.</summary>
    private static bool IsEnough(Candidate node, PlacedPod[] set) =>
        node.Lacking.TrueForAll(lack => set.Sum(placed => AmountOf(placed.Pod, lack.Resource)) >= lack.Amount);

    private bool Fits(Candidate node, Pod pod, IReadOnlyList<PlacedPod> without)
    {
        if (++_trials > MaxTrials) return false;
        return Trial.Fits(options, node.Row.Node, node.Pods.Except(without), pod.Shape);
    }

    private static long AmountOf(Pod pod, string resource)
    {
        foreach (var (name, amount) in pod.Shape.Requests)
        {
            if (name == resource) return amount;
        }

        return 0;
    }

    private sealed record Candidate(
        NodeRow Row, PlacedPod[] Pods, List<(string Resource, long Amount)> Lacking, PlacedPod[] Removable, double Share);
}
