namespace GpuScheduler.LoadTest.Load;

/// <summary>The time that load is paced and measured by.</summary>
internal interface ILoadClock
{
    /// <summary>Nanoseconds since some fixed moment; never goes back.</summary>
    long Now { get; }

    /// <summary>Returns when <see cref="Now"/> has reached <paramref name="due"/>; at once when it has already.</summary>
    void WaitUntil(long due);
}
