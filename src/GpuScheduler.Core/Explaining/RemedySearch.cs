using System.Numerics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>Finds what would make a pod fit that fits nowhere: one change at a time. Pure; its work is bounded.</summary>
/// <param name="options">Options of the ledger that the snapshot comes from.</param>
public sealed class RemedySearch(LedgerOptions options)
{
    private const int MaxNodes = 4;
    private const int MaxOfAKind = 3;
    private const int MaxKinds = 64;

    /// <summary>Taints under these prefixes are set by controllers and tell the state of a node.</summary>
    private static readonly string[] StatePrefixes = ["node.kubernetes.io/", "node.cloudprovider.kubernetes.io/"];

    /// <summary>The changes; those that ask least of people first.</summary>
    public IReadOnlyList<Remedy> Find(ClusterSnapshot snapshot, Pod pod)
    {
        var remedies = new List<Remedy>();
        if (new LeavingSearch(options).Find(snapshot, pod) is { } ended) remedies.Add(ended);
        remedies.AddRange(Lesser(snapshot, pod.Shape));
        remedies.AddRange(OtherModels(snapshot, pod.Shape));
        remedies.AddRange(Taints(snapshot, pod.Shape));
        var kinds = KindsOf(snapshot);
        remedies.AddRange(kinds.Where(row => Trial.Fits(options, row.Node, [], pod.Shape)).Take(MaxOfAKind).Select(row => new AddNode(row.Name, row.Node.Gpu.Model)));
        return remedies.Count > 0 || kinds.Count == 0 ? remedies : TooLarge(kinds, pod.Shape);
    }

    /// <summary>What is said of a shape that fits on no node, were it empty; nothing of any other.</summary>
    internal IReadOnlyList<Remedy> FindTooLarge(ClusterSnapshot snapshot, PodShape shape)
    {
        var kinds = KindsOf(snapshot);
        return kinds.Count == 0 || kinds.Exists(row => Trial.Fits(options, row.Node, [], shape)) ? [] : TooLarge(kinds, shape);
    }

    /// <summary>For each resource alone: the most of it with which the pod fits somewhere.</summary>
    private IEnumerable<Remedy> Lesser(ClusterSnapshot snapshot, PodShape shape)
    {
        for (var i = 0; i < shape.Requests.Length; i++)
        {
            var (name, amount) = shape.Requests[i];
            var fits = Most(shape, name, amount, lesser => FittingNodes(snapshot, lesser).Count > 0);
            if (fits == 0 || With(shape, name, fits) is not { } less) continue;
            var (count, nodes) = FittingNodes(snapshot, less);
            yield return new AskForLess(name, amount, fits, count, nodes);
        }
    }

    /// <summary>The greatest amount of a resource, below what is asked, with which the pod fits; 0 when none does.</summary>
    private long Most(PodShape shape, string resource, long asked, Func<PodShape, bool> fitsWith)
    {
        long fits = 0, fails = asked;
        while (fails - fits > 1)
        {
            var middle = fits + ((fails - fits) / 2);
            if (With(shape, resource, middle) is { } lesser && fitsWith(lesser)) fits = middle;
            else fails = middle;
        }

        return fits;
    }

    /// <summary>The shape with another amount of one resource; null when such a pod cannot be.</summary>
    private PodShape? With(PodShape shape, string resource, long amount)
    {
        var requests = shape.Requests.ToArray();
        var at = Array.FindIndex(requests, request => request.Name == resource);
        requests[at] = requests[at] with { Amount = amount };
        try
        {
            return shape.With(options.Catalog, requests: requests);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private IEnumerable<Remedy> OtherModels(ClusterSnapshot snapshot, PodShape shape)
    {
        if (shape.Models is not { } accepted) return [];
        var remedies = new List<AcceptModel>();
        for (var id = 1; id < snapshot.Tables.Models.Count; id++)
        {
            var model = snapshot.Tables.Models[id];
            if (accepted.Accepts(model)) continue;
            var (count, nodes) = FittingNodes(snapshot, shape.With(options.Catalog, models: ModelSelector.Parse($"{accepted}|{model}")));
            if (count > 0) remedies.Add(new AcceptModel(model, count, nodes));
        }

        return remedies.OrderByDescending(remedy => remedy.NodeCount).Take(MaxOfAKind);
    }

    /// <summary>For each set of taints alone: what the pod would have to tolerate, or the nodes to get rid of.</summary>
    private IEnumerable<Remedy> Taints(ClusterSnapshot snapshot, PodShape shape)
    {
        var tolerable = new List<TolerateTaints>();
        var states = new List<NodesRecover>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var id = 1; id < snapshot.Tables.Taints.Count; id++)
        {
            Taint[] untolerated = [.. snapshot.Tables.Taints[id].Where(taint => !IsTolerated(taint, shape))];
            if (untolerated.Length == 0 || !seen.Add(string.Join('\n', untolerated.Select(taint => taint.ToString()).Order(StringComparer.Ordinal)))) continue;
            var isState = untolerated.Any(IsState);
            if (isState && !untolerated.All(IsState)) continue;
            var tolerant = shape.With(
                options.Catalog,
                tolerations: [.. shape.Tolerations, .. untolerated.Select(taint => new Toleration(taint.Key, "Equal", taint.Value, taint.Effect))]);
            var (count, nodes) = FittingNodes(snapshot, tolerant);
            if (count == 0) continue;
            if (isState) states.Add(new NodesRecover(untolerated, count, nodes));
            else tolerable.Add(new TolerateTaints(untolerated, count, nodes));
        }

        return
        [
            .. tolerable.OrderBy(remedy => remedy.Taints.Count).ThenByDescending(remedy => remedy.NodeCount).Take(MaxOfAKind),
            .. states.OrderBy(remedy => remedy.Taints.Count).ThenByDescending(remedy => remedy.NodeCount).Take(MaxOfAKind),
        ];
    }

    private static bool IsTolerated(Taint taint, PodShape shape)
    {
        foreach (var toleration in shape.Tolerations)
        {
            if (toleration.Tolerates(taint)) return true;
        }

        return false;
    }

    private static bool IsState(Taint taint) => Array.Exists(StatePrefixes, prefix => taint.Key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>One node of each kind: what an empty node can take goes by its model, its taints and what it offers.</summary>
    private static List<NodeRow> KindsOf(ClusterSnapshot snapshot)
    {
        var kinds = new List<NodeRow>();
        var seen = new HashSet<(int Model, int Taints, string Allocatable)>();
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            if (seen.Add((page.ModelId[at], page.TaintSetId[at], string.Join(',', row.Node.Allocatable)))) kinds.Add(row);
            if (kinds.Count == MaxKinds) break;
        }

        return kinds;
    }

    /// <summary>When nothing else helps, the pod may be too large for every node, in one resource.</summary>
    private List<FitTheNodes> TooLarge(List<NodeRow> kinds, PodShape shape)
    {
        var remedies = new List<FitTheNodes>();
        foreach (var (name, amount) in shape.Requests)
        {
            var (best, like) = kinds.Select(row => (Most(shape, name, amount, lesser => Trial.Fits(options, row.Node, [], lesser)), row.Name)).MaxBy(found => found.Item1);
            if (best > 0) remedies.Add(new FitTheNodes(name, amount, best, like));
        }

        return remedies;
    }

    private static (int Count, List<string> Nodes) FittingNodes(ClusterSnapshot snapshot, PodShape shape)
    {
        var filter = new PodFilter(snapshot.Tables, shape);
        var names = new List<string>();
        var count = 0;
        Span<ulong> fits = stackalloc ulong[NodePage.BitmapWords];
        foreach (var page in snapshot.Pages)
        {
            filter.Fits(page, fits);
            for (var word = 0; word < fits.Length; word++)
            {
                count += BitOperations.PopCount(fits[word]);
                for (var rest = fits[word]; rest != 0 && names.Count < MaxNodes; rest &= rest - 1)
                {
                    names.Add(page.Node((word * 64) + BitOperations.TrailingZeroCount(rest))!.Name);
                }
            }
        }

        return (count, names);
    }
}
