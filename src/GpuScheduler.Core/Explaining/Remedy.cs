using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Explaining;

/// <summary>
/// A change after which a pod that fits nowhere would fit: a value that says what to change, and the sentence made from it. Whoever makes the
/// change sees the pod fit on every node named here.
/// </summary>
/// <param name="NodeCount">How many nodes would then take the pod.</param>
/// <param name="Nodes">The first of them.</param>
public abstract record Remedy(int NodeCount, IReadOnlyList<string> Nodes)
{
    /// <summary>The change and what it gains, as one sentence.</summary>
    public abstract string Sentence();

    /// <summary><c>fits on a</c>, <c>fits on a and b</c>, <c>14 nodes would fit (a, b, c, ...)</c>.</summary>
    private protected string Where() => NodeCount switch
    {
        1 => $"fits on {Nodes[0]}",
        2 when Nodes.Count == 2 => $"fits on {Nodes[0]} and {Nodes[1]}",
        _ => $"{NodeCount} nodes would fit ({string.Join(", ", Nodes)}{(NodeCount > Nodes.Count ? ", ..." : "")})",
    };

    private protected static string List(IEnumerable<string> items, string last = "and")
    {
        var all = items.ToList();
        return all.Count <= 1 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} {last} {all[^1]}";
    }

    /// <summary>What a change gains for a gang.</summary>
    private protected static string WhatFits(bool runs) => runs ? "the rest of the gang would fit" : "the gang would fit whole";

    /// <summary>A domain's place in a sentence; nothing for the whole cluster.</summary>
    private protected static string In(string domain) =>
        domain.Length == 0 ? "" : domain.StartsWith("node ", StringComparison.Ordinal) ? $" on {domain}" : $" in {domain}";

    private protected static string TextOf(Taint taint) => $"{taint.Key}{(taint.Value.Length > 0 ? "=" + taint.Value : "")}:{taint.Effect}";
}

/// <summary>The pods that would have to leave one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Pods">The pods; the least important first.</param>
public sealed record Leaving(string Node, IReadOnlyList<Pod> Pods);

/// <summary>Pods leave: the smallest sets that were found, those of low priority first.</summary>
/// <param name="NodeCount">Nodes where as many pods would do.</param>
/// <param name="Options">The first of them, each of which is enough.</param>
public sealed record EndPods(int NodeCount, IReadOnlyList<Leaving> Options) : Remedy(NodeCount, [.. Options.Select(option => option.Node)])
{
    /// <inheritdoc/>
    public override string Sentence()
    {
        var (node, pods) = Options[0];
        var names = List(pods.Select(pod => pod.IsTerminating ? $"{pod.FullName} (which is ending already)" : pod.FullName));
        if (NodeCount == 1) return $"fits on {node} if {names} ended";
        var each = pods.Count == 1 ? "one pod" : $"{pods.Count} pods";
        return $"{NodeCount} nodes would fit if {each} each ended, for example {node} if {names} ended";
    }
}

/// <summary>The pod asks for less of one resource.</summary>
/// <param name="Resource">Its name.</param>
/// <param name="From">What the pod asks for, in column units.</param>
/// <param name="To">The most that fits somewhere, in column units; at least 1.</param>
/// <param name="NodeCount">Nodes that have as much.</param>
/// <param name="Nodes">The first of them.</param>
public sealed record AskForLess(string Resource, long From, long To, int NodeCount, IReadOnlyList<string> Nodes) : Remedy(NodeCount, Nodes)
{
    /// <inheritdoc/>
    public override string Sentence() =>
        $"{Where()} with {AmountText.Of(Resource, From - To)} less ({AmountText.Number(Resource, To)} instead of {AmountText.Number(Resource, From)})";
}

/// <summary>The pod tolerates taints.</summary>
/// <param name="Taints">The taints, all of which it must tolerate.</param>
/// <param name="NodeCount">Nodes that have no others.</param>
/// <param name="Nodes">The first of them.</param>
public sealed record TolerateTaints(IReadOnlyList<Taint> Taints, int NodeCount, IReadOnlyList<string> Nodes) : Remedy(NodeCount, Nodes)
{
    /// <inheritdoc/>
    public override string Sentence() =>
        $"{Where()} if {(Taints.Count == 1 ? "the taint" : "the taints")} {List(Taints.Select(TextOf))} {(Taints.Count == 1 ? "were" : "were all")} tolerated";
}

/// <summary>Nodes lose taints that stand for a state of the node (cordoned, not ready, under pressure), which no pod should tolerate.</summary>
/// <param name="Taints">The taints, all of which must go.</param>
/// <param name="NodeCount">Nodes that have them.</param>
/// <param name="Nodes">The first of them.</param>
public sealed record NodesRecover(IReadOnlyList<Taint> Taints, int NodeCount, IReadOnlyList<string> Nodes) : Remedy(NodeCount, Nodes)
{
    /// <inheritdoc/>
    public override string Sentence() => Taints is [var only] && only == Taint.Unschedulable
        ? $"{Where()} if {(NodeCount == 1 ? "it were" : "they were")} uncordoned (kubectl uncordon {Nodes[0]})"
        : $"{Where()} once {(NodeCount == 1 ? "it is" : "they are")} rid of the taint {List(Taints.Select(TextOf))}";
}

/// <summary>The pod accepts another GPU model.</summary>
/// <param name="Model">The model.</param>
/// <param name="NodeCount">Nodes of that model with room.</param>
/// <param name="Nodes">The first of them.</param>
public sealed record AcceptModel(string Model, int NodeCount, IReadOnlyList<string> Nodes) : Remedy(NodeCount, Nodes)
{
    /// <inheritdoc/>
    public override string Sentence() => $"{Where()} if the GPU model {Model} were accepted (annotation {ModelSelector.Annotation})";
}

/// <summary>One more node like one that is there, empty.</summary>
/// <param name="Like">The node to take after.</param>
/// <param name="Model">Its GPU model; empty without one.</param>
public sealed record AddNode(string Like, string Model) : Remedy(1, [Like])
{
    /// <inheritdoc/>
    public override string Sentence() => $"fits on one more node like {Like}{(Model.Length > 0 ? $" ({Model})" : "")}, empty";
}

/// <summary>The pod asks for more than any node has: so much of it would fit on an empty node.</summary>
/// <param name="Resource">Its name.</param>
/// <param name="From">What the pod asks for, in column units.</param>
/// <param name="To">The most that fits on the empty node, in column units; at least 1.</param>
/// <param name="Like">The node that is tried empty.</param>
public sealed record FitTheNodes(string Resource, long From, long To, string Like) : Remedy(1, [Like])
{
    /// <inheritdoc/>
    public override string Sentence() =>
        $"no node is large enough even when empty: {Like} would take {AmountText.Of(Resource, To)}, not {AmountText.Number(Resource, From)}";
}

/// <summary>Pods of one topology domain leave, all of these: then a whole gang fits there.</summary>
/// <param name="Runs">The gang runs in part, and it is the rest of it that then fits.</param>
/// <param name="Domain">The domain, e.g. <c>nvidia.com/gpu.clique=c1</c>; empty for the whole cluster.</param>
/// <param name="Leaving">The pods, by node.</param>
public sealed record EndPodsForGang(bool Runs, string Domain, IReadOnlyList<Leaving> Leaving) : Remedy(Leaving.Count, [.. Leaving.Select(leaving => leaving.Node)])
{
    /// <inheritdoc/>
    public override string Sentence() =>
        $"{WhatFits(Runs)}{In(Domain)} if {List(Leaving.SelectMany(leaving => leaving.Pods).Select(pod => pod.FullName))} ended";
}

/// <summary>A topology domain gets more nodes like one that is there, empty: then a whole gang fits there.</summary>
/// <param name="Runs">The gang runs in part, and it is the rest of it that then fits.</param>
/// <param name="Fit">How many of the gang's pods that wait fit in the domain now.</param>
/// <param name="Size">How many of these there are.</param>
/// <param name="Domain">The domain; empty for the whole cluster.</param>
/// <param name="Count">How many nodes are needed; fewer will not do.</param>
/// <param name="Like">The node to take after, its labels included.</param>
/// <param name="Model">Its GPU model; empty without one.</param>
public sealed record AddNodesForGang(bool Runs, int Fit, int Size, string Domain, int Count, string Like, string Model) : Remedy(Count, [Like])
{
    /// <inheritdoc/>
    public override string Sentence() =>
        $"{Fit} of {Size} fit{In(Domain)}; {WhatFits(Runs)} with {Count} more node{(Count == 1 ? "" : "s")} there like {Like}{(Model.Length > 0 ? $" ({Model})" : "")}, empty";
}
