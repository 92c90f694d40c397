namespace GpuScheduler.Kubernetes;

/// <summary>
/// Growing, jittered pauses between attempts. After a quiet time without failures the next pause is short again, as in client-go's
/// reflector (<c>wait.NewExponentialBackoffManager</c>: 800 ms to 30 s, reset after 2 min, factor 2, jitter 1).
/// </summary>
/// <remarks>For one loop; not thread-safe.</remarks>
public sealed class Backoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private readonly TimeSpan _resetAfter;
    private readonly double _jitter;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private TimeSpan _next;
    private long? _last;

    /// <summary>A backoff that has not been used yet.</summary>
    /// <param name="first">First pause, before jitter.</param>
    /// <param name="longest">Longest pause, before jitter.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">Source of jitter.</param>
    /// <param name="jitter">Most that is added, as a share of the pause.</param>
    /// <param name="resetAfter">Time since the last pause after which the sequence begins anew; null for four times the longest.</param>
    /// <exception cref="ArgumentOutOfRangeException">A pause that is not positive, or a longest shorter than the first.</exception>
    public Backoff(TimeSpan first, TimeSpan longest, TimeProvider time, Random random, double jitter = 1.0, TimeSpan? resetAfter = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(first, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, first);
        ArgumentOutOfRangeException.ThrowIfNegative(jitter);
        _first = _next = first;
        _longest = longest;
        _resetAfter = resetAfter ?? (longest * 4);
        _jitter = jitter;
        _time = time;
        _random = random;
    }

    /// <summary>client-go's reflector settings.</summary>
    public static Backoff ForReflector(TimeProvider time, Random random) =>
        new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30), time, random, jitter: 1.0, resetAfter: TimeSpan.FromMinutes(2));

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _next = _first;
        _last = null;
    }

    /// <summary>The next pause. A server's own wish (Retry-After) is a lower bound.</summary>
    public TimeSpan NextPause(TimeSpan? retryAfter = null)
    {
        if (_last is { } last && _time.GetElapsedTime(last) > _resetAfter)
        {
            _next = _first;
        }

        _last = _time.GetTimestamp();
        var pause = _next * (1 + (_random.NextDouble() * _jitter));
        _next = _next * 2 < _longest ? _next * 2 : _longest;
        return retryAfter is { } asked && asked > pause ? asked : pause;
    }

    /// <summary>Waits for the next pause.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public Task WaitAsync(TimeSpan? retryAfter, CancellationToken cancellationToken) =>
        Task.Delay(NextPause(retryAfter), _time, cancellationToken);
}
