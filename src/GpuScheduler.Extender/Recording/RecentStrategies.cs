using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Extender.Recording;

/// <summary>
/// The strategies that calls were lately answered with, by number. In a busy cluster a new one comes with every few pods, and thousands of remembered calls
/// that each refer to a new object are as many places where the collector has to look; they keep the number instead. A strategy is kept no longer than
/// calls that were answered with it. Safe for concurrent use.
/// </summary>
/// <param name="capacity">So many calls are remembered; each may have a strategy of its own.</param>
internal sealed class RecentStrategies(int capacity)
{
    /// <summary>The number of no strategy.</summary>
    public const long None = -1;

    /// <summary>Calls that are answered at the same time may be of snapshots that differ by a few.</summary>
    private const int InUse = 4;

    private readonly IScoringStrategy?[] _strategies = new IScoringStrategy?[capacity + InUse];
    private readonly long[] _since = new long[capacity + InUse];
    private readonly Lock _adding = new();
    private long _count;
    private long _oldest;

    /// <summary>The number of a strategy, for <see cref="Of"/>.</summary>
    /// <param name="strategy">The strategy; null for none.</param>
    /// <param name="call">The number of the call that was answered with it; they count up.</param>
    public long NumberOf(IScoringStrategy? strategy, long call)
    {
        if (strategy is null) return None;
        if (Find(strategy) is var known and not None) return known;
        lock (_adding)
        {
            if (Find(strategy) is var meanwhile and not None) return meanwhile;
            var number = _count;
            _strategies[number % _strategies.Length] = strategy;
            _since[number % _since.Length] = call;
            Volatile.Write(ref _count, number + 1);
            Forget(call);
            return number;
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

    /// <summary>Of the calls answered with a strategy the last came before the one that brought the fourth after it.</summary>
    private void Forget(long call)
    {
        _oldest = Math.Max(_oldest, _count - _strategies.Length);
        for (; _oldest + InUse < _count && _since[(_oldest + InUse) % _since.Length] + capacity <= call; _oldest++)
        {
            _strategies[_oldest % _strategies.Length] = null;
        }
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
