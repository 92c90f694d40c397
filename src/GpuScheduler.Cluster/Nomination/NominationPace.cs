using GpuScheduler.Core.Planning;

namespace GpuScheduler.Cluster.Nomination;

/// <summary>
/// Keeps kube-scheduler behind the nominations of its queue. A pod that it reaches before its nomination costs it a look at every node, and the processor
/// time of that is what nominations, binds and the API server lack on a busy machine: so while a queue is being nominated, filter answers about a nominated
/// pod when enough nominations are ahead, or after about twice as long as such a look takes.
/// </summary>
/// <remarks>
/// Measured with kube-scheduler 1.36 at 5,000 nodes, all on two cores: a burst of 2,000 pods met 150 to 200 looks at every node without this, of 25 ms of
/// processor each, and 6 to 18 with it (benchmarks/results).
/// </remarks>
public sealed class NominationPace(TimeProvider time) : IFilterPace
{
    /// <summary>As many nominations are ahead as kube-scheduler takes while the watch brings it the next ones.</summary>
    internal const int Enough = 64;

    /// <summary>Twice what kube-scheduler needs for a look at one node where it shares two cores with all the rest (28 ms for 5,000).</summary>
    private static readonly TimeSpan PerNode = TimeSpan.FromMicroseconds(12);

    /// <summary>Below, a look at every node is cheaper than a timer.</summary>
    private static readonly TimeSpan LeastLimit = TimeSpan.FromMilliseconds(5);

    /// <summary>In clusters of many thousands of nodes kube-scheduler is mostly told to look at a part of them.</summary>
    private static readonly TimeSpan MostLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Waiting for an API server that takes nothing only makes things worse; a busy one may take some tenths of a second for a write.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _released;
    private volatile bool _holds;
    private TimeSpan _limit;
    private int _ahead;
    private long _movedAt;
    private long _held;
    private long _heldTicks;

    /// <summary>Answers that were kept back so far.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>How long answers were kept back so far, in sum.</summary>
    public TimeSpan HeldFor => new(Interlocked.Read(ref _heldTicks));

    /// <summary>First nominations of a queue begin to be written.</summary>
    /// <param name="standing">Nominations that kube-scheduler has not got to.</param>
    /// <param name="nodes">Nodes it would look at for a pod without one.</param>
    internal void Begin(int standing, int nodes)
    {
        var limit = nodes * PerNode;
        if (limit < LeastLimit)
        {
            End();
            return;
        }

        lock (_lock)
        {
            _limit = limit < MostLimit ? limit : MostLimit;
            _ahead = standing;
            if (!_holds) _movedAt = time.GetTimestamp();
            _holds = true;
            if (_ahead >= Enough) Release();
        }
    }

    /// <summary>One more is written.</summary>
    internal void Written()
    {
        lock (_lock)
        {
            _movedAt = time.GetTimestamp();
            if (++_ahead >= Enough) Release();
        }
    }

    /// <summary>No more will be written for now.</summary>
    internal void End()
    {
        if (!_holds) return;
        lock (_lock)
        {
            _holds = false;
            Release();
        }
    }

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        if (!_holds) return Task.CompletedTask;
        lock (_lock)
        {
            if (!_holds || --_ahead >= Enough) return Task.CompletedTask;
            _released ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return HoldAsync(_released.Task, _limit, cancellationToken);
        }
    }

    private async Task HoldAsync(Task released, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = await Task.WhenAny(released, Task.Delay(limit, time, timer.Token)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        Interlocked.Increment(ref _held);
        Interlocked.Add(ref _heldTicks, time.GetElapsedTime(started).Ticks);
        cancellationToken.ThrowIfCancellationRequested();
        if (ended != released) EndIfNothingMoves();
    }

    private void EndIfNothingMoves()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_movedAt) >= Patience) End();
        }
    }

    private void Release()
    {
        _released?.SetResult();
        _released = null;
    }
}
