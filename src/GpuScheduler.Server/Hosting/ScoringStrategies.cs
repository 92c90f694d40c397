using GpuScheduler.Core.Scoring;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Hosting;

/// <summary>Makes the strategy that the options name.</summary>
internal static class ScoringStrategies
{
    public static IScoringStrategy Create(ScoringSection options)
    {
        var weights = new ResourceWeights(options.CpuWeight, options.MemoryWeight, options.GpuWeight);
        return options.Strategy switch
        {
            nameof(PackGpus) => new PackGpus(),
            nameof(MostAllocated) => new MostAllocated(weights),
            nameof(LeastAllocated) => new LeastAllocated(weights),
            nameof(BalancedAllocation) => new BalancedAllocation(weights),
            nameof(RequestedToCapacityRatio) => new RequestedToCapacityRatio(
                new UtilizationShape([.. options.Shape.Select(point => new UtilizationPoint(point.Utilization, point.Score))]), weights),
            _ => throw new InvalidOperationException($"no strategy '{options.Strategy}'"),
        };
    }
}
