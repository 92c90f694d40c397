namespace GpuScheduler.Cluster.Reflection;

/// <summary>Who asked for a list, and the cutting short of the watch that stands in its way.</summary>
internal sealed class RelistRequests
{
    private readonly Lock _lock = new();
    private List<TaskCompletionSource> _waiting = [];
    private CancellationTokenSource? _watch;

    /// <summary>Whether a list was asked for that no list has taken on.</summary>
    public bool IsPending
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Asks for a list; completes after it.</summary>
    public Task Add()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationTokenSource? watch;
        lock (_lock)
        {
            _waiting.Add(source);
            watch = _watch;
            _watch = null;
        }

        watch?.Cancel();
        return source.Task;
    }

    /// <summary>Takes over all that was asked so far; a list that begins afterwards satisfies it.</summary>
    public Batch Take()
    {
        lock (_lock)
        {
            var taken = new Batch(_waiting);
            _waiting = [];
            return taken;
        }
    }

    /// <summary>The list failed: whoever waited goes on waiting.</summary>
    public void PutBack(Batch batch)
    {
        lock (_lock)
        {
            _waiting.AddRange(batch.Waiting);
        }
    }

    /// <summary>A scope in which a request cancels <see cref="Watch.Token"/>.</summary>
    public Watch BeginWatch(CancellationToken cancellationToken)
    {
        // not a linked source: that one needs disposing, and Add may be about to cancel it
        var source = new CancellationTokenSource();
        var link = cancellationToken.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), source);
        lock (_lock)
        {
            _watch = source;
            return new Watch(this, source, link, _waiting.Count > 0);
        }
    }

    public readonly record struct Batch(IReadOnlyList<TaskCompletionSource> Waiting)
    {
        public static Batch Empty { get; } = new([]);

        public void Complete()
        {
            foreach (var source in Waiting) source.TrySetResult();
        }
    }

    public sealed class Watch(
        RelistRequests owner, CancellationTokenSource source, CancellationTokenRegistration link, bool isListWanted) : IDisposable
    {
        public CancellationToken Token => source.Token;

        public bool IsListWanted => isListWanted;

        public void Dispose()
        {
            lock (owner._lock)
            {
                if (owner._watch == source) owner._watch = null;
            }

            link.Dispose();
        }
    }
}
