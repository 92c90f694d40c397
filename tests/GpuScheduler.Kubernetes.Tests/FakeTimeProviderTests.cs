using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class FakeTimeProviderTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Advance_SeveralTimers_FiresEachAtItsTimeInOrder()
    {
        var start = _time.GetUtcNow();
        var fired = new List<(string Name, double At)>();
        void Fire(object? name) => fired.Add(((string)name!, (_time.GetUtcNow() - start).TotalSeconds));
        using var late = _time.CreateTimer(Fire, "late", TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var periodic = _time.CreateTimer(Fire, "periodic", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal([("periodic", 2), ("periodic", 4), ("late", 5), ("periodic", 6)], fired);
        Assert.Equal(TimeSpan.FromSeconds(6), _time.GetElapsedTime(start.Ticks));
    }

    [Fact]
    public async Task Delay_Advance_Completes()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(1), _time);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(delay.IsCompleted);

        Assert.True(_time.AdvanceToNextTimer());

        await delay;
        Assert.Equal(0, _time.PendingTimers);
        Assert.False(_time.AdvanceToNextTimer());
    }

    [Fact]
    public async Task WaitForTimersAsync_TimerMadeLater_Completes()
    {
        var waiting = _time.WaitForTimersAsync(2);
        using var first = _time.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.False(waiting.IsCompleted);

        using var second = _time.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        await waiting;
    }

    [Fact]
    public void Change_DisposedTimer_NeverFires()
    {
        var fired = false;
        var timer = _time.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();

        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.False(fired);
    }
}
