namespace GpuScheduler.Core.Explaining;

/// <summary>What the nodes of a snapshot answer to a pod of some shape.</summary>
/// <param name="Generation">Generation of the snapshot.</param>
/// <param name="Asked">How many nodes were asked.</param>
/// <param name="Feasible">How many of them can take the pod.</param>
/// <param name="Reasons">Why the others cannot; the most frequent reason first.</param>
/// <param name="Best">The best nodes, the best first.</param>
public sealed record ShapeAnswer(
    long Generation, int Asked, int Feasible, IReadOnlyList<ReasonCount> Reasons, IReadOnlyList<ScoredNode> Best)
{
    /// <summary>The answer in one sentence.</summary>
    public string Sentence()
    {
        if (Asked == 0) return "there is no node to ask";
        if (Feasible > 0) return $"fits on {Feasible} of {Count(Asked, "node")}";
        return $"fits on none of {Count(Asked, "node")}: {string.Join(", ", Reasons.GroupBy(KindOf).Select(TextOf))}";
    }

    /// <summary>A reason without what it says of the single node: <c>GPU model mismatch (node has NVIDIA-L40S)</c> is a GPU model mismatch.</summary>
    private static string KindOf(ReasonCount reason) => reason.Reason.EndsWith(')') ? reason.Reason[..reason.Reason.LastIndexOf(" (", StringComparison.Ordinal)] : reason.Reason;

    private static string TextOf(IGrouping<string, ReasonCount> reasons)
    {
        var alone = reasons.Sum(reason => reason.Alone);
        var nodes = reasons.Sum(reason => reason.Nodes);
        return $"{nodes} {reasons.Key}{(alone == 0 || alone == nodes ? "" : $" ({alone} of them for nothing else)")}";
    }

    /// <summary>A number and its noun, in the plural where it belongs.</summary>
    internal static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
