using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// A packing strategy for a cluster that is more than whole GPUs. The strategy itself decides among nodes whose devices are told apart; what it
/// cannot value is put in order around them:
/// <list type="bullet">
/// <item>pods without GPUs: nodes without GPUs come first, nodes whose GPUs are only counted (replicas, MIG slices, shared memory) last;</item>
/// <item>pods with whole GPUs or shares: nodes with real devices come first, replicas last;</item>
/// <item>pods with replicas, slices or shared memory: <see cref="PackGpus"/> alone.</item>
/// </list>
/// On nodes of the same kind around the strategy, <see cref="PackGpus"/> decides. Immutable, and pure as every strategy is.
/// </summary>
/// <param name="packing">The strategy for devices.</param>
public sealed class ClusterStrategy(PackingStrategy packing) : IScoringStrategy
{
    /// <summary>Greater than any difference between scores of a packing strategy (16 devices of 1000 thousandths) or of <see cref="PackGpus"/>.</summary>
    private const float Apart = 65_536;

    private readonly PackGpus _counted = new();

    /// <inheritdoc/>
    public string Name => packing.Name;

    /// <summary>The strategy for devices.</summary>
    public PackingStrategy Packing => packing;

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores)
    {
        if (IsOnlyCounted(request.Shape))
        {
            _counted.Score(page, in request, scores);
            return;
        }

        packing.Score(page, in request, scores);
        if (page.GpuCount.IndexOf(0) < 0) return;
        Span<float> counted = stackalloc float[NodePage.RowCount];
        _counted.Score(page, in request, counted);
        for (var row = 0; row < NodePage.RowCount; row++)
        {
            if (page.GpuCount[row] == 0) scores[row] = counted[row] + OffsetOf(counted[row], request.Shape);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        if (IsOnlyCounted(request.Shape)) return _counted.Explain(page, rowInPage, in request);
        if (page.GpuCount[rowInPage] > 0) return packing.Explain(page, rowInPage, in request);
        var terms = _counted.Explain(page, rowInPage, in request);
        var offset = OffsetOf(terms.Sum(term => term.Points), request.Shape);
        return
        [
            .. terms,
            new ScoreTerm("kind of node", offset, offset > 0 ? "a pod without GPUs on a node without GPUs" : "GPUs that are only counted come last"),
        ];
    }

    private static float OffsetOf(float counted, PodShape shape) => !shape.UsesGpu && counted >= PackGpus.NoGpuPoints ? Apart : -Apart;

    private static bool IsOnlyCounted(PodShape shape) => shape.UsesGpu && shape.Gpu.IsNone;
}
