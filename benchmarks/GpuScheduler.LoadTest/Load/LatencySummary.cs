namespace GpuScheduler.LoadTest.Load;

/// <summary>The percentiles people ask for, in milliseconds; of every single value, not of buckets.</summary>
internal sealed record LatencySummary(double P50, double P90, double P99, double P999, double Max)
{
    private const double NanosecondsPerMillisecond = 1e6;

    /// <summary>Sums up latencies given in nanoseconds, sorted from short to long; all zero when there are none.</summary>
    public static LatencySummary Of(ReadOnlySpan<long> sorted) => new(
        Percentile(sorted, 0.5), Percentile(sorted, 0.9), Percentile(sorted, 0.99), Percentile(sorted, 0.999), Percentile(sorted, 1));

    /// <summary>The nearest-rank percentile in milliseconds: the smallest value that at least that part of all values does not exceed.</summary>
    /// <param name="sorted">Nanoseconds, from short to long.</param>
    /// <param name="part">0..1.</param>
    public static double Percentile(ReadOnlySpan<long> sorted, double part)
    {
        if (sorted.Length == 0) return 0;
        // A hair less before rounding up: 0.99 * 1000 is a little above 990 in binary.
        var rank = (int)Math.Ceiling((part * sorted.Length) - 1e-9);
        return sorted[Math.Clamp(rank - 1, 0, sorted.Length - 1)] / NanosecondsPerMillisecond;
    }
}
