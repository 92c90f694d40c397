using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Testing;

namespace GpuScheduler.Cluster.Tests.Nomination;

public sealed class NominationPaceTests
{
    private const int Nodes = 5000;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly NominationPace _pace;

    public NominationPaceTests() => _pace = new NominationPace(_time);

    [Fact]
    public void Wait_NothingIsWritten_GoesOn() => Assert.True(_pace.WaitAsync(default).IsCompletedSuccessfully);

    [Fact]
    public void Wait_FewNodes_GoesOn()
    {
        _pace.Begin(standing: 0, nodes: 400);

        Assert.True(_pace.WaitAsync(default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Wait_FewAreAhead_HoldsUntilEnoughAreWritten()
    {
        _pace.Begin(standing: NominationPace.Enough - 2, Nodes);

        var call = _pace.WaitAsync(default);
        for (var written = 0; written < 2; written++) _pace.Written();
        Assert.False(call.IsCompleted);
        _time.Advance(Limit / 2);
        _pace.Written();
        await call;

        Assert.Equal((1, Limit / 2), (_pace.Held, _pace.HeldFor));
    }

    [Fact]
    public async Task Wait_NothingMoreIsWritten_HoldsNoLongerThanALookAtAllNodesTakes()
    {
        _pace.Begin(standing: 0, Nodes);

        var call = _pace.WaitAsync(default);
        _time.Advance(Limit - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await call;

        Assert.Equal(Limit, _pace.HeldFor);
    }

    [Fact]
    public async Task Wait_NothingIsWrittenForASecond_HoldsNobodyUntilWritingBeginsAnew()
    {
        _pace.Begin(standing: 0, Nodes);
        await HoldAsync(Limit);
        _pace.Written();
        _time.Advance(TimeSpan.FromSeconds(1) - Limit);
        await HoldAsync(Limit);

        Assert.True(_pace.WaitAsync(default).IsCompletedSuccessfully);
        _pace.Begin(standing: 0, Nodes);
        Assert.False(_pace.WaitAsync(default).IsCompleted);
    }

    [Fact]
    public async Task Wait_VeryManyNodes_HoldsForATenthOfASecondAtMost()
    {
        _pace.Begin(standing: 0, nodes: 65_000);
        var call = _pace.WaitAsync(default);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        await call;
    }

    [Fact]
    public void Wait_EachCall_TakesOneThatIsAhead()
    {
        _pace.Begin(standing: NominationPace.Enough + 3, Nodes);

        for (var call = 0; call < 3; call++) Assert.True(_pace.WaitAsync(default).IsCompleted);
        Assert.False(_pace.WaitAsync(default).IsCompleted);
    }

    [Fact]
    public async Task End_CallsAreHeld_LetsAllOfThemGo()
    {
        _pace.Begin(standing: 0, Nodes);
        var calls = new[] { _pace.WaitAsync(default), _pace.WaitAsync(default) };

        _pace.End();

        await Task.WhenAll(calls);
        Assert.Equal((2, 0), (_pace.Held, _time.PendingTimers));
        Assert.True(_pace.WaitAsync(default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Begin_EnoughAreAhead_LetsHeldCallsGo()
    {
        _pace.Begin(standing: 0, Nodes);
        var call = _pace.WaitAsync(default);

        _pace.Begin(standing: NominationPace.Enough, Nodes);

        await call;
    }

    [Fact]
    public async Task Wait_CallerGivesUp_EndsAtOnce()
    {
        _pace.Begin(standing: 0, Nodes);
        using var aborted = new CancellationTokenSource();
        var call = _pace.WaitAsync(aborted.Token);

        await aborted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(0, _time.PendingTimers);
    }

    private async Task HoldAsync(TimeSpan time)
    {
        var call = _pace.WaitAsync(default);
        Assert.False(call.IsCompleted);
        _time.Advance(time);
        await call;
    }
}
