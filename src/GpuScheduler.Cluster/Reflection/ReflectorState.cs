namespace GpuScheduler.Cluster.Reflection;

/// <summary>What a reflector shows of itself: written by its loop, read from anywhere.</summary>
internal sealed class ReflectorState(TimeProvider time)
{
    private long _lastSign = long.MinValue;
    private volatile bool _hasSynced;
    private volatile string _resourceVersion = "";
    private long _lists;
    private long _listFailures;
    private long _watches;
    private long _watchFailures;
    private long _upserts;
    private long _deletes;
    private long _stale;
    private long _unreadable;

    public bool HasSynced => _hasSynced;

    public string ResourceVersion => _resourceVersion;

    public TimeSpan Staleness =>
        Interlocked.Read(ref _lastSign) is var last and not long.MinValue ? time.GetElapsedTime(last) : TimeSpan.MaxValue;

    public ReflectorCounters Counters => new(
        Interlocked.Read(ref _lists),
        Interlocked.Read(ref _listFailures),
        Interlocked.Read(ref _watches),
        Interlocked.Read(ref _watchFailures),
        Interlocked.Read(ref _upserts),
        Interlocked.Read(ref _deletes),
        Interlocked.Read(ref _stale),
        Interlocked.Read(ref _unreadable));

    public void SignOfLife() => Interlocked.Exchange(ref _lastSign, time.GetTimestamp());

    public void MoveTo(string resourceVersion) => _resourceVersion = resourceVersion;

    public void Listed(string resourceVersion)
    {
        _resourceVersion = resourceVersion;
        Interlocked.Increment(ref _lists);
        _hasSynced = true;
    }

    public void ListFailed() => Interlocked.Increment(ref _listFailures);

    public void WatchStarted() => Interlocked.Increment(ref _watches);

    public void WatchFailed() => Interlocked.Increment(ref _watchFailures);

    public void Upserted() => Interlocked.Increment(ref _upserts);

    public void Deleted() => Interlocked.Increment(ref _deletes);

    public void Stale() => Interlocked.Increment(ref _stale);

    public void Unreadable() => Interlocked.Increment(ref _unreadable);
}
