using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Extender;

/// <summary>Says which strategy scores a pod. Asked once per call from any number of threads.</summary>
public interface IScoringPolicy
{
    /// <summary>
    /// The strategy for pods of this shape. The same instance while its scores stay the same: kept scores are good for the instance that
    /// made them.
    /// </summary>
    IScoringStrategy StrategyFor(PodShape shape);
}

/// <summary>One strategy for all pods, replaced atomically: a strategy that learns publishes its next instance here.</summary>
/// <param name="strategy">The first strategy.</param>
public sealed class SingleStrategy(IScoringStrategy strategy) : IScoringPolicy
{
    private volatile IScoringStrategy _current = strategy;

    /// <summary>The strategy in force.</summary>
    public IScoringStrategy Current
    {
        get => _current;
        set => _current = value;
    }

    /// <inheritdoc/>
    public IScoringStrategy StrategyFor(PodShape shape) => _current;
}
