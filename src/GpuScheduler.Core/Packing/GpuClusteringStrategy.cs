using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Pods of a kind together, where a kind is "shares a GPU" or the number of whole GPUs. In steps of 25 points: a node with this kind only,
/// with this kind and others, an idle node, a node with other kinds only; within a step the fuller node. 0 for CPU-only pods. The baseline
/// "GpuClustering" of Weng et al., USENIX ATC 2023 (<c>pkg/simulator/plugin/gpu_clustering_score.go</c>), after Xiao et al., "Gandiva", OSDI 2018.
/// </summary>
internal sealed class GpuClusteringStrategy(LargestNode largest) : PackingStrategy
{
    public const string PolicyName = "GpuClustering";

    private const int Step = 25;

    public override string Name => PolicyName;

    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var demand = request.Shape.Gpu;
        return demand.IsNone ? 0 : Fullness(page, rowInPage) + (Step * Kinship(page, rowInPage, demand).Steps);
    }

    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var demand = request.Shape.Gpu;
        if (demand.IsNone) return [new ScoreTerm("kinship", 0, "asks for no GPU")];
        var (steps, reason) = Kinship(page, rowInPage, demand);
        return [new ScoreTerm("kinship", Step * steps, reason), new ScoreTerm("fullness", Fullness(page, rowInPage), "GPUs used, of those of the largest node")];
    }

    private int Fullness(NodePage page, int row) => (int)(Step * ((long)largest.GpuMilli - page.GpuFreeMilli[row]) / (long)largest.GpuMilli);

    private static (int Steps, string Reason) Kinship(NodePage page, int row, GpuDemand demand)
    {
        bool same = false, other = false;
        foreach (var placed in page.Pods(row))
        {
            var kind = placed.Pod.Shape.Gpu;
            if (kind.IsNone) continue;
            var alike = kind.IsShare == demand.IsShare && kind.Count == demand.Count;
            same |= alike;
            other |= !alike;
        }

        return (same, other) switch
        {
            (true, false) => (3, "the node has pods of this kind only"),
            (true, true) => (2, "the node has pods of this kind and others"),
            (false, false) => (1, "the node has no pods with GPUs"),
            _ => (0, "the node has pods of other kinds only"),
        };
    }
}
