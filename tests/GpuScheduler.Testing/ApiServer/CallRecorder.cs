using System.Collections.Immutable;

namespace GpuScheduler.Testing;

/// <summary>Remembers what was asked and wakes the tests that wait for it.</summary>
internal sealed class CallRecorder
{
    private readonly Lock _lock = new();
    private readonly List<(Func<bool> IsMet, TaskCompletionSource Source)> _waiters = [];
    private ImmutableArray<RecordedCall> _calls = [];

    public ImmutableArray<RecordedCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return _calls;
            }
        }
    }

    public void Add(RecordedCall call)
    {
        lock (_lock)
        {
            _calls = _calls.Add(call);
        }

        Check();
    }

    public Task WaitAsync(Func<bool> isMet)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiters.Add((isMet, source));
        }

        Check();
        return source.Task;
    }

    /// <summary>Looks again at what the waiters wait for.</summary>
    public void Check()
    {
        List<(Func<bool> IsMet, TaskCompletionSource Source)> waiters;
        lock (_lock)
        {
            waiters = [.. _waiters];
        }

        foreach (var waiter in waiters.Where(w => w.IsMet()))
        {
            waiter.Source.TrySetResult();
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }
}
