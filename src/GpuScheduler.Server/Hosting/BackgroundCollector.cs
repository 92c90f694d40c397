using System.Runtime;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// Keeps the thread that collects all memory in the background. .NET ends it after 20 s without work, and where the next collection makes it anew on
/// a busy machine, it is often not up in time: that collection then stops the process while it goes through all live memory, a tenth of a second for
/// 100 MB, instead of half a millisecond (dotnet/runtime#119383, mended after .NET 10). So where no full collection came by itself for a while, one
/// is asked for: some 30 ms of one core for 100 MB, every <see cref="Interval"/> or two.
/// </summary>
internal sealed class BackgroundCollector : IDisposable
{
    /// <summary>How often it looks. Twice this, the longest that the thread is left without work, is less than what ends it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(8);

    private readonly Func<int> _fullCollections;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private int _seen;

    /// <param name="time">The clock.</param>
    /// <param name="fullCollections">How many full collections there were so far.</param>
    /// <param name="collect">Starts one in the background.</param>
    public BackgroundCollector(TimeProvider time, Func<int> fullCollections, Action collect)
    {
        (_fullCollections, _collect) = (fullCollections, collect);
        _timer = time.CreateTimer(static collector => ((BackgroundCollector)collector!).Look(), this, Interval, Interval);
    }

    /// <summary>The one for this process; null where it collects in other ways, or by a runtime that needs no help.</summary>
    public static BackgroundCollector? OfThisProcess(TimeProvider time)
    {
        const int FirstMended = 11;
        var isNeeded = Environment.Version.Major < FirstMended && !GCSettings.IsServerGC && GCSettings.LatencyMode == GCLatencyMode.Interactive;
        return isNeeded
            ? new BackgroundCollector(time, static () => GC.CollectionCount(GC.MaxGeneration), static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false))
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var count = _fullCollections();
        if (count == _seen) _collect();
        _seen = _fullCollections();
    }
}
