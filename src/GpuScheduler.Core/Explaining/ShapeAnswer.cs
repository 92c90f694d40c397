using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;

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
    /// <summary>What the gang of the pod says, in a sentence; null for a pod that waits for nobody.</summary>
    public string? Gang { get; init; }

    /// <summary>The answer in one sentence.</summary>
    public string Sentence() => Gang ?? OfNodes();

    /// <summary>
    /// The same answer to a pod that waits in a gang, as filter gives it: the node that the plan has for it and no other; without one no node at all,
    /// and for what the plan says.
    /// </summary>
    /// <param name="plan">The plan of its gang.</param>
    /// <param name="pod">The pod, one of those that wait.</param>
    public ShapeAnswer Within(GangPlan plan, Pod pod)
    {
        if (plan.PlaceOf(pod.Uid) is >= 0 and var own)
        {
            var node = plan.Places[own].NodeName;
            return this with { Feasible = 1, Best = [.. Best.Where(best => best.Name == node)], Gang = GangText.Planned(plan, pod, node) };
        }

        var reason = GangText.Waits(plan);
        return this with
        {
            Feasible = 0,
            Best = [],
            Gang = Feasible > 0 || Asked == 0 ? reason : $"{reason}; one of them alone {OfNodes()}",
            Reasons = [new ReasonCount(reason, Asked, Feasible, [.. Best.Select(best => best.Name)]), .. Reasons.Select(other => other with { Alone = 0 })],
        };
    }

    private string OfNodes()
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
