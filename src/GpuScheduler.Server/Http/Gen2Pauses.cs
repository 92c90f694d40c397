namespace GpuScheduler.Server.Http;

/// <summary>
/// Remembers the longest pause of a full collection since the service was first ready: while it reads the cluster, nobody waits for answers. The runtime tells
/// of the last one alone, so this looks often enough to see nearly every one.
/// </summary>
internal sealed class Gen2Pauses : IDisposable
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private static readonly GCKind[] Kinds = [GCKind.FullBlocking, GCKind.Background];

    private readonly Lock _looking = new();
    private readonly Func<bool> _isReady;
    private readonly ITimer _timer;
    private TimeSpan _longest;
    private long _seen;
    private long? _lastBefore;

    /// <param name="time">The clock.</param>
    /// <param name="isReady">Whether the service is ready.</param>
    public Gen2Pauses(TimeProvider time, Func<bool> isReady)
    {
        _isReady = isReady;
        _timer = time.CreateTimer(static pauses => ((Gen2Pauses)pauses!).LookIfNew(), this, Interval, Interval);
    }

    /// <summary>The longest pause so far; zero before the first full collection of a service that is ready.</summary>
    public TimeSpan Longest
    {
        get
        {
            Look();
            return _longest;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void LookIfNew()
    {
        // One in the background is told of when it has ended, which may be after it was counted.
        var seen = GC.GetGCMemoryInfo(GCKind.FullBlocking).Index + GC.GetGCMemoryInfo(GCKind.Background).Index;
        if (seen == _seen && _lastBefore is not null) return;
        _seen = seen;
        Look();
    }

    private void Look()
    {
        lock (_looking)
        {
            if (_lastBefore is not { } before)
            {
                if (_isReady()) _lastBefore = Kinds.Max(kind => GC.GetGCMemoryInfo(kind).Index);
                return;
            }

            foreach (var kind in Kinds)
            {
                var collection = GC.GetGCMemoryInfo(kind);
                if (collection.Index <= before) continue;
                foreach (var pause in collection.PauseDurations)
                {
                    if (pause > _longest) _longest = pause;
                }
            }
        }
    }
}
