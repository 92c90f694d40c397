using System.Runtime;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// Keeps the thread that collects all memory in the background. .NET ends it after 20 s without work, and where the next collection makes it anew on
/// a busy machine, it is often not up in time: that collection then stops the process while it goes through all live memory, a tenth of a second for
/// 100 MB, instead of half a millisecond (dotnet/runtime#119383, mended after .NET 10). So where no full collection came by itself for a while, one
/// is asked for: some 30 ms of one core for 100 MB, four or five times a minute.
/// </summary>
internal sealed class BackgroundCollector : IDisposable
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Asks for one when it has looked so often and there was none. One right after a look is seen a look later, so that the thread is without work for less
    /// than one look more: 16 s, of the 20 that end it.
    /// </summary>
    public const int LooksWithout = 3;

    private readonly Func<int> _fullCollections;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private int _seen;
    private int _looksWithout;

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
        _looksWithout = count == _seen ? _looksWithout + 1 : 0;
        _seen = count;
        if (_looksWithout < LooksWithout) return;
        _looksWithout = 0;
        _collect();
        _seen = _fullCollections();
    }
}
