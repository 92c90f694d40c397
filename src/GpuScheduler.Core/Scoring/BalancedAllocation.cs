using System.Runtime.CompilerServices;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// Prefers nodes whose resources fill evenly: 100 × (1 - the standard deviation of requested / allocatable over the resources)
/// (Kubernetes <c>noderesources/balanced_allocation.go</c>, without its rounding, and with weights in mean and deviation where
/// it has none). As there, a pod that asks for none of the resources has no preference: every node gets 0.
/// </summary>
public sealed class BalancedAllocation(ResourceWeights? weights = null, LaneWidth? width = null) : IScoringStrategy
{
    private readonly ResourceWeights _weights = weights ?? ResourceWeights.Equal;
    private readonly LaneWidth _width = width ?? ScoringWidth.Best;

    /// <inheritdoc/>
    public string Name => nameof(BalancedAllocation);

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores)
    {
        if (!AsksForAny(in request))
        {
            scores[..NodePage.RowCount].Clear();
            return;
        }

        var terms = new ResourceTerms(page, in request, _weights);
        PageDriver.Run(_width, new Kernel(terms.Span), scores);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        if (!AsksForAny(in request)) return [new("balance", 0, "the pod asks for nothing that is balanced")];
        var resources = new ResourceTerms(page, in request, _weights);
        var score = new Kernel(resources.Span).Score<Lanes1>(rowInPage).Value;
        var used = new List<string>();
        foreach (ref readonly var resource in resources.Span)
        {
            var utilization = resource.Utilization<Lanes1>(rowInPage, out var weight).Value;
            if (weight.Value > 0) used.Add($"{resource.Name} {utilization:0.0 %} ({resource.Describe(rowInPage)})");
        }

        return [new("balance", score, $"standard deviation {1 - score / 100:0.000} of {string.Join(", ", used)}")];
    }

    private bool AsksForAny(in ScoringRequest request) =>
        (request.Shape.CpuMilli > 0 && _weights.Cpu > 0)
        || (request.Shape.MemoryMiB > 0 && _weights.Memory > 0)
        || (request.Gpus.Length > 0 && _weights.Gpu > 0);

    private readonly ref struct Kernel(ReadOnlySpan<ResourceTerm> terms) : IPageKernel
    {
        private readonly ReadOnlySpan<ResourceTerm> _terms = terms;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Score<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes>
        {
            var zero = TLanes.Create(0);
            var sum = zero;
            var weights = zero;
            foreach (ref readonly var term in _terms)
            {
                var utilization = term.Utilization<TLanes>(row, out var weight);
                sum += utilization * weight;
                weights += weight;
            }

            // No resource offered: weights are 0 and so is every square below, whatever the mean.
            var some = TLanes.IfGreater(weights, zero, weights, TLanes.Create(1));
            var mean = sum / some;
            var squares = zero;
            foreach (ref readonly var term in _terms)
            {
                var distance = term.Utilization<TLanes>(row, out var weight) - mean;
                squares += distance * distance * weight;
            }

            return (TLanes.Create(1) - TLanes.Sqrt(squares / some)) * TLanes.Create(100);
        }
    }
}
