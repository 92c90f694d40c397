namespace GpuScheduler.Kubernetes;

/// <summary>
/// Cancels a read on which nothing arrives for too long. This is what notices a half-open HTTP/1.1 connection; HTTP/2 has its own
/// keep-alive pings besides.
/// </summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _linked;
    private readonly TimeSpan _limit;

    public IdleLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _idle = new CancellationTokenSource(limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _idle.Token);
    }

    /// <summary>Cancelled by the caller's token or by the limit.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether it was the limit.</summary>
    public bool IsExceeded => _idle.IsCancellationRequested;

    /// <summary>Something arrived: count anew.</summary>
    public void Restart() => _idle.CancelAfter(_limit);

    public void Dispose()
    {
        _linked.Dispose();
        _idle.Dispose();
    }
}
