namespace GpuScheduler.Core.Scoring;

/// <summary>A corner of a <see cref="UtilizationShape"/>.</summary>
/// <param name="Utilization">Requested / allocatable in percent, 0..100.</param>
/// <param name="Score">How good that is, 0..10.</param>
public readonly record struct UtilizationPoint(int Utilization, int Score);

/// <summary>
/// The <c>shape</c> of kube-scheduler's <c>requestedToCapacityRatio</c>: a line through points, level before the first and after the last
/// (Kubernetes <c>pkg/scheduler/framework/plugins/helper/shape_score.go</c>, validated as in
/// <c>pkg/scheduler/apis/config/validation/validation_pluginargs.go</c>).
/// </summary>
public sealed class UtilizationShape
{
    private readonly Segment[] _segments;

    /// <summary>A shape through the given points.</summary>
    /// <exception cref="ArgumentException">No point, a number out of its range, or utilisations that do not increase.</exception>
    public UtilizationShape(params ReadOnlySpan<UtilizationPoint> points)
    {
        if (points.IsEmpty) throw new ArgumentException("a shape needs at least one point", nameof(points));
        var segments = new Segment[points.Length];
        for (var i = 0; i < points.Length; i++)
        {
            var (utilization, score) = points[i];
            if (utilization is < 0 or > 100)
                throw new ArgumentException($"point {i}: utilization {utilization} is not within 0..100", nameof(points));
            if (score is < 0 or > 10)
                throw new ArgumentException($"point {i}: score {score} is not within 0..10", nameof(points));
            if (i > 0 && utilization <= points[i - 1].Utilization)
                throw new ArgumentException($"point {i}: utilization {utilization} is not above {points[i - 1].Utilization} of the point before", nameof(points));
            var slope = i + 1 < points.Length ? (points[i + 1].Score - score) * 10f * 100f / (points[i + 1].Utilization - utilization) : 0f;
            segments[i] = new Segment(utilization / 100f, score * 10f, slope);
        }

        _segments = segments;
    }

    /// <summary>Full is best: 0 % is worth 0, 100 % is worth 10.</summary>
    public static UtilizationShape BinPacking { get; } = new(new(0, 0), new UtilizationPoint(100, 10));

    internal ReadOnlySpan<Segment> Segments => _segments;

    /// <summary>From <paramref name="Start"/> (0..1) on: <paramref name="Points"/> (0..100) + <paramref name="Slope"/> × (utilisation - start).</summary>
    internal readonly record struct Segment(float Start, float Points, float Slope);
}
