namespace GpuScheduler.Cluster.Events;

/// <summary>A token bucket: so many at once, one more after each interval. For one thread.</summary>
internal sealed class RateBucket(double burst, TimeSpan refill, TimeProvider time)
{
    private readonly double _burst = burst;
    private double _tokens = burst;
    private long _last = time.GetTimestamp();

    /// <summary>Whether it has had time to fill up: a full bucket remembers nothing.</summary>
    public bool IsFull
    {
        get
        {
            Refill();
            return _tokens >= _burst;
        }
    }

    /// <summary>Takes a token if there is one.</summary>
    public bool TryTake()
    {
        Refill();
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }

    /// <summary>Takes a token now, or says how long it takes until there is one.</summary>
    public TimeSpan TakeOrWait() => TryTake() ? TimeSpan.Zero : TimeSpan.FromTicks((long)Math.Ceiling((1 - _tokens) * refill.Ticks));

    private void Refill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (time.GetElapsedTime(_last, now) / refill));
        _last = now;
    }
}
