using System.Runtime.CompilerServices;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// The weighted mean of what an operator's curve makes of requested / allocatable, 0..100 (Kubernetes
/// <c>noderesources/requested_to_capacity_ratio.go</c>, without its rounding; as there, a resource worth 0 points drops out of the mean).
/// </summary>
public sealed class RequestedToCapacityRatio(
    UtilizationShape? shape = null, ResourceWeights? weights = null, LaneWidth? width = null) : IScoringStrategy
{
    private readonly Curve _curve = new(shape ?? UtilizationShape.BinPacking);
    private readonly ResourceWeights _weights = weights ?? ResourceWeights.Equal;
    private readonly LaneWidth _width = width ?? ScoringWidth.Best;

    /// <inheritdoc/>
    public string Name => nameof(RequestedToCapacityRatio);

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores) =>
        WeightedMean.Score(_curve, _weights, _width, page, in request, scores);

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request) =>
        WeightedMean.Explain(_curve, _weights, page, rowInPage, in request);

    private readonly struct Curve(UtilizationShape shape) : IUtilizationCurve
    {
        public static bool CountsZero => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Points<TLanes>(TLanes utilization)
            where TLanes : struct, ILanes<TLanes>
        {
            var segments = shape.Segments;
            var points = TLanes.Create(segments[0].Points);
            foreach (ref readonly var segment in segments)
            {
                var start = TLanes.Create(segment.Start);
                var line = TLanes.Create(segment.Points) + (utilization - start) * TLanes.Create(segment.Slope);
                points = TLanes.IfGreater(utilization, start, line, points);
            }

            return points;
        }
    }
}
