namespace GpuScheduler.Kubernetes;

/// <summary>
/// A rate limit: calls beyond the burst wait their turn, first come first served. (System.Threading.RateLimiting belongs to ASP.NET Core,
/// which this project does not reference.)
/// </summary>
public sealed class TokenBucket
{
    private readonly double _perSecond;
    private readonly int _burst;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private double _tokens;
    private long _updated;

    /// <summary>A full bucket.</summary>
    /// <param name="perSecond">Tokens gained per second; zero or less for no limit at all.</param>
    /// <param name="burst">Tokens the bucket holds, at least one.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="burst"/> is below one.</exception>
    public TokenBucket(double perSecond, int burst, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _perSecond = perSecond;
        _burst = burst;
        _time = time;
        _tokens = burst;
        _updated = time.GetTimestamp();
    }

    /// <summary>Takes a token, waiting for it if need be. A token waited for in vain (cancelled) goes back.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (_perSecond <= 0)
        {
            return;
        }

        var wait = Take();
        if (wait > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(wait, _time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    _tokens = Math.Min(_burst, _tokens + 1);
                }

                throw;
            }
        }
    }

    /// <summary>Takes a token if there is one now.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            Refill();
            if (_perSecond > 0 && _tokens < 1)
            {
                return false;
            }

            _tokens -= 1;
            return true;
        }
    }

    // the count may go below zero: that debt is the queue
    private TimeSpan Take()
    {
        lock (_lock)
        {
            Refill();
            _tokens -= 1;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);
        }
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_updated, now).TotalSeconds * Math.Max(0, _perSecond)));
        _updated = now;
    }
}
