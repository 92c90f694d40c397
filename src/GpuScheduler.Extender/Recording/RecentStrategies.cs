using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Extender.Recording;

/// <summary>
/// The strategies that calls were lately answered with, by number. In a busy cluster a new one comes with every few pods, and thousands of remembered calls
/// that each refer to a new object are as many places where the collector has to look; they keep the number instead. Safe for concurrent use.
/// </summary>
/// <param name="capacity">So many calls, each with a strategy of its own, can look theirs up.</param>
internal sealed class RecentStrategies(int capacity)
{
    /// <summary>The number of no strategy.</summary>
    public const long None = -1;

    /// <summary>Calls that are answered at the same time may be of snapshots that differ by a few.</summary>
    private const int InUse = 4;

    private readonly IScoringStrategy?[] _strategies = new IScoringStrategy?[capacity + InUse];
    private readonly Lock _adding = new();
    private long _count;

    /// <summary>The number of a strategy, for <see cref="Of"/>.</summary>
    public long NumberOf(IScoringStrategy? strategy)
    {
        if (strategy is null) return None;
        if (Find(strategy) is var known and not None) return known;
        lock (_adding)
        {
            if (Find(strategy) is var meanwhile and not None) return meanwhile;
            _strategies[_count % _strategies.Length] = strategy;
            Volatile.Write(ref _count, _count + 1);
            return _count - 1;
        }
    }

    /// <summary>The strategy of a number; null for <see cref="None"/>, and when so many came after it that it was forgotten.</summary>
    public IScoringStrategy? Of(long number)
    {
        if (number < 0) return null;
        var strategy = Volatile.Read(ref _strategies[number % _strategies.Length]);

        // The next to come writes over the one that is so far back, and is counted only after.
        return Volatile.Read(ref _count) - number < _strategies.Length ? strategy : null;
    }

    private long Find(IScoringStrategy strategy)
    {
        var count = Volatile.Read(ref _count);
        for (var number = count - 1; number >= Math.Max(0, count - InUse); number--)
        {
            if (ReferenceEquals(_strategies[number % _strategies.Length], strategy)) return number;
        }

        return None;
    }
}
