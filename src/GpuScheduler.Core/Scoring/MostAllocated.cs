using System.Runtime.CompilerServices;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// Prefers the fullest nodes: the weighted mean of requested / allocatable, 0..100 (Kubernetes <c>noderesources/most_allocated.go</c>,
/// without its rounding down to integers).
/// </summary>
public sealed class MostAllocated(ResourceWeights? weights = null, LaneWidth? width = null) : IScoringStrategy
{
    private readonly ResourceWeights _weights = weights ?? ResourceWeights.Equal;
    private readonly LaneWidth _width = width ?? ScoringWidth.Best;

    /// <inheritdoc/>
    public string Name => nameof(MostAllocated);

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores) =>
        WeightedMean.Score(default(Curve), _weights, _width, page, in request, scores);

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request) =>
        WeightedMean.Explain(default(Curve), _weights, page, rowInPage, in request);

    private readonly struct Curve : IUtilizationCurve
    {
        public static bool CountsZero => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Points<TLanes>(TLanes utilization)
            where TLanes : struct, ILanes<TLanes> => utilization * TLanes.Create(100);
    }
}
