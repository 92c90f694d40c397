using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void NextPause_WithoutJitter_DoublesUpToTheLongest()
    {
        var backoff = New(jitter: 0);

        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(_ => backoff.NextPause().TotalSeconds));
    }

    [Fact]
    public void NextPause_WithJitter_StaysBetweenOneAndTwoTimes()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var pause = New(jitter: 1, seed).NextPause().TotalSeconds;
            Assert.InRange(pause, 1, 2);
        }
    }

    [Fact]
    public void NextPause_AfterAQuietTime_BeginsAnew()
    {
        var backoff = New(jitter: 0);
        backoff.NextPause();
        backoff.NextPause();

        _time.Advance(TimeSpan.FromSeconds(41));

        Assert.Equal(1, backoff.NextPause().TotalSeconds);
    }

    [Fact]
    public void NextPause_ServerAsksForMore_WaitsThatLong()
    {
        Assert.Equal(30, New(jitter: 0).NextPause(TimeSpan.FromSeconds(30)).TotalSeconds);
    }

    [Fact]
    public async Task RunAsync_TransientThenSuccess_WaitsAsAsked()
    {
        var calls = 0;
        var run = ApiRetry.RunAsync(
            _ => Task.FromResult(++calls == 1 ? new ApiResult<int>(Refused(429) with { RetryAfter = TimeSpan.FromSeconds(5) }) : new ApiResult<int>(7)),
            New(jitter: 0),
            attempts: 3,
            isIdempotent: false,
            default);

        Assert.Equal(TimeSpan.FromSeconds(5), Assert.Single(_time.DueTimes) - _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(7, (await run).Value);
    }

    [Theory]
    [InlineData(404, true, 1)]
    [InlineData(500, false, 1)]
    [InlineData(500, true, 2)]
    [InlineData(503, false, 2)]
    public async Task RunAsync_Failures_AreRepeatedOnlyWhenThatIsSafe(int code, bool isIdempotent, int expected)
    {
        var calls = 0;
        var run = ApiRetry.RunAsync(
            _ =>
            {
                calls++;
                return Task.FromResult(new ApiResult<int>(Refused(code)));
            },
            New(jitter: 0),
            attempts: 2,
            isIdempotent,
            default);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(code, (await run).Status.Code);
        Assert.Equal(expected, calls);
    }

    [Fact]
    public async Task TokenBucket_BurstThenRate_ServesInOrder()
    {
        var bucket = new TokenBucket(perSecond: 2, burst: 2, _time);
        await bucket.WaitAsync(default);
        Assert.True(bucket.TryTake());
        Assert.False(bucket.TryTake());
        var third = bucket.WaitAsync(default).AsTask();
        var fourth = bucket.WaitAsync(default).AsTask();

        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(third.IsCompletedSuccessfully);
        Assert.False(fourth.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(500));

        await fourth;
    }

    [Fact]
    public async Task TokenBucket_CancelledWhileWaiting_GivesItsPlaceBack()
    {
        var bucket = new TokenBucket(perSecond: 1, burst: 1, _time);
        await bucket.WaitAsync(default);
        using var cancel = new CancellationTokenSource();
        var waiting = bucket.WaitAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(bucket.TryTake());
    }

    private static ApiStatus Refused(int code) => new(ApiOutcome.Refused, code, "", "");

    private Backoff New(double jitter, int seed = 1) =>
        new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), _time, new Random(seed), jitter);
}
