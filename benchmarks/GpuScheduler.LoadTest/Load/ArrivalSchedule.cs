namespace GpuScheduler.LoadTest.Load;

/// <summary>
/// When requests are due, in nanoseconds from the start: fixed before the first is sent, so that a server that stalls does not slow down
/// the questions it is asked (Schroeder, Wierman, Harchol-Balter, "Open Versus Closed: A Cautionary Tale", NSDI 2006).
/// </summary>
internal static class ArrivalSchedule
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Independent arrivals: exponentially distributed gaps. The same seed gives the same times.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="perSecond"/> is not above 0.</exception>
    public static long[] Poisson(double perSecond, TimeSpan duration, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        var random = new Random(seed);
        var due = new List<long>();
        for (var at = Gap(); at < duration.TotalNanoseconds; at += Gap()) due.Add((long)at);
        return [.. due];

        double Gap() => -Math.Log(1 - random.NextDouble()) / perSecond * NanosecondsPerSecond;
    }

    /// <summary>Arrivals in equal steps, the first at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="perSecond"/> is not above 0.</exception>
    public static long[] Constant(double perSecond, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        var due = new long[(int)Math.Ceiling(duration.TotalSeconds * perSecond)];
        for (var i = 0; i < due.Length; i++) due[i] = (long)(i * NanosecondsPerSecond / perSecond);
        return due;
    }
}
