using System.Runtime.CompilerServices;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>How good a utilisation is.</summary>
internal interface IUtilizationCurve
{
    /// <summary>Whether a resource worth 0 points still counts in the weights.</summary>
    static abstract bool CountsZero { get; }

    /// <summary>0..100 points for a utilisation of 0..1.</summary>
    TLanes Points<TLanes>(TLanes utilization)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>The mean of a curve over resources, by weight; resources a node does not offer drop out, a node that offers none gets 0.</summary>
internal static class WeightedMean
{
    public static void Score<TCurve>(
        TCurve curve, ResourceWeights weights, LaneWidth width, NodePage page, in ScoringRequest request, Span<float> scores)
        where TCurve : struct, IUtilizationCurve
    {
        var terms = new ResourceTerms(page, in request, weights);
        PageDriver.Run(width, new Kernel<TCurve>(terms.Span, curve), scores);
    }

    public static IReadOnlyList<ScoreTerm> Explain<TCurve>(
        TCurve curve, ResourceWeights weights, NodePage page, int row, in ScoringRequest request)
        where TCurve : struct, IUtilizationCurve
    {
        var resources = new ResourceTerms(page, in request, weights);
        var kernel = new Kernel<TCurve>(resources.Span, curve);
        var (_, weightSum) = kernel.Sums<Lanes1>(row);
        var terms = new List<ScoreTerm>();
        foreach (ref readonly var resource in resources.Span)
        {
            var points = kernel.Points<Lanes1>(in resource, row, out var weight);
            if (weight.Value > 0) terms.Add(new(resource.Name, (points * weight / weightSum).Value, resource.Describe(row)));
        }

        return terms;
    }

    private readonly ref struct Kernel<TCurve>(ReadOnlySpan<ResourceTerm> terms, TCurve curve) : IPageKernel
        where TCurve : struct, IUtilizationCurve
    {
        private readonly ReadOnlySpan<ResourceTerm> _terms = terms;
        private readonly TCurve _curve = curve;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Score<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes>
        {
            var zero = TLanes.Create(0);
            var (points, weights) = Sums<TLanes>(row);
            return TLanes.IfGreater(weights, zero, points / weights, zero);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (TLanes Points, TLanes Weights) Sums<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes>
        {
            var sum = TLanes.Create(0);
            var weights = TLanes.Create(0);
            foreach (ref readonly var term in _terms)
            {
                var points = Points<TLanes>(in term, row, out var weight);
                sum += points * weight;
                weights += weight;
            }

            return (sum, weights);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Points<TLanes>(in ResourceTerm term, int row, out TLanes weight)
            where TLanes : struct, ILanes<TLanes>
        {
            var points = _curve.Points(term.Utilization(row, out weight));
            if (!TCurve.CountsZero) weight = TLanes.IfGreater(points, TLanes.Create(0), weight, TLanes.Create(0));
            return points;
        }
    }
}
