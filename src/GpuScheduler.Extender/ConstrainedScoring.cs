using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Extender;

/// <summary>
/// Scores pods whose annotations say where they want to be by that, and all others by the policy underneath. What it returns is the same
/// instance as long as the policy's is.
/// </summary>
/// <param name="inner">The configured policy.</param>
public sealed class ConstrainedScoring(IScoringPolicy inner) : IScoringPolicy
{
    private readonly PackGpus _pack = new();
    private readonly LeastAllocated _spread = new(new ResourceWeights(1, 1, 8));
    private volatile PreferJoined? _joined;

    /// <inheritdoc/>
    public IScoringStrategy StrategyFor(PodShape shape)
    {
        if (shape.Constraints is not { } wants) return inner.StrategyFor(shape);
        IScoringStrategy strategy = wants.Placement switch
        {
            Placement.Pack => _pack,
            Placement.Spread => _spread,
            _ => inner.StrategyFor(shape),
        };
        if (shape.Gpu.Count <= 1 || (wants.LinkIsland != Wish.Preferred && wants.NumaNode != Wish.Preferred)) return strategy;
        var joined = _joined;
        return ReferenceEquals(joined?.Inner, strategy) ? joined! : _joined = new PreferJoined(strategy);
    }
}
