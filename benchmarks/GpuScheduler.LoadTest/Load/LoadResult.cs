namespace GpuScheduler.LoadTest.Load;

/// <summary>What one stretch of load measured.</summary>
internal sealed class LoadResult
{
    /// <summary>From when an arrival was due to the end of its answer, in nanoseconds, in order of arrival; errors included.</summary>
    public required long[] LatencyNanoseconds { get; init; }

    /// <summary>From when an arrival was due to when its first request was sent: the wait for a free connection, and the client's own lateness.</summary>
    public required long[] SendDelayNanoseconds { get; init; }

    /// <summary>From the start to the last answer.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Arrivals that were not answered as they should.</summary>
    public required int Errors { get; init; }

    /// <summary>What was wrong with the first of them; null when all went well.</summary>
    public required string? FirstError { get; init; }

    /// <summary>Arrivals answered per second.</summary>
    public double PerSecond => LatencyNanoseconds.Length / Math.Max(Duration.TotalSeconds, double.Epsilon);
}
