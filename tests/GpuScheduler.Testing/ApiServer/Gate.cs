namespace GpuScheduler.Testing;

/// <summary>A place in the fake server at which a request waits until the test lets it go on. No time passes at a gate.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a request has come to the gate.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets the waiting request, and every later one, pass.</summary>
    public void Release() => _released.TrySetResult();

    internal Task PassAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        return _released.Task.WaitAsync(cancellationToken);
    }
}
