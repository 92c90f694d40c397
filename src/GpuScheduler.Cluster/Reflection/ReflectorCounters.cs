namespace GpuScheduler.Cluster.Reflection;

/// <summary>What a <see cref="Reflector{T}"/> has done since it was made.</summary>
/// <param name="Lists">Lists completed, the first included; watch-lists count.</param>
/// <param name="ListFailures">Lists that failed.</param>
/// <param name="Watches">Watches started.</param>
/// <param name="WatchFailures">Watches that failed, or ended almost at once.</param>
/// <param name="Upserts">Changes handed over.</param>
/// <param name="Deletes">Deletions handed over.</param>
/// <param name="Stale">Watch events dropped because they told nothing new.</param>
/// <param name="Unreadable">Versions of objects that could not be read, each counted once.</param>
public readonly record struct ReflectorCounters(
    long Lists, long ListFailures, long Watches, long WatchFailures, long Upserts, long Deletes, long Stale, long Unreadable);
