using GpuScheduler.Server.Access;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Access;

public sealed class ReviewedTokensTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private FakeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _server.AnswerReviews("gpu-scheduler");
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(Reviews.Good, "/metrics", "Allowed", "")]
    [InlineData(Reviews.Good, "/api/v1/nodes/n1", "Allowed", "")]
    [InlineData(Reviews.Good, "/version", "Forbidden", "system:serviceaccount:monitoring:prometheus may not get /version")]
    [InlineData(Reviews.Stranger, "/metrics", "Forbidden", "system:serviceaccount:monitoring:stranger may not get /metrics (no rule allows it)")]
    [InlineData("made-up", "/metrics", "NotAccepted", "[invalid bearer token]")]
    public async Task Judge_Token_IsWhatTheApiServerSays(string token, string path, string outcome, string reason)
    {
        var decision = await Judge().JudgeAsync(token, path, default);

        Assert.Equal((outcome, reason), (decision.Outcome.ToString(), decision.Reason));
    }

    [Fact]
    public async Task Judge_TokenForAnotherAudience_IsNotAccepted()
    {
        Assert.Equal(AccessOutcome.Allowed, (await Judge("other", "gpu-scheduler").JudgeAsync(Reviews.Good, "/metrics", default)).Outcome);
        Assert.Equal(AccessOutcome.NotAccepted, (await Judge("other").JudgeAsync(Reviews.Good, "/metrics", default)).Outcome);
    }

    [Theory]
    [InlineData(Reviews.Good, 1, 1)]
    [InlineData(Reviews.Stranger, 1, 1)]
    [InlineData("made-up", 1, 0)]
    public async Task Judge_Again_AsksTheApiServerOncePerTenSeconds(string token, int tokenReviews, int accessReviews)
    {
        var judge = Judge();
        var first = await judge.JudgeAsync(token, "/metrics", default);
        for (var i = 0; i < 5; i++) Assert.Equal(first, await judge.JudgeAsync(token, "/metrics", default));
        Assert.Equal((tokenReviews, accessReviews), Asked());

        _time.Advance(ReviewedTokens.Lifetime);
        await judge.JudgeAsync(token, "/metrics", default);
        Assert.Equal((2 * tokenReviews, 2 * accessReviews), Asked());
    }

    [Fact]
    public async Task Judge_ManyAtOnce_AskOnce()
    {
        var gate = _server.On("create", "tokenreviews").HoldBefore();
        var judge = Judge();
        var all = Enumerable.Range(0, 20).Select(_ => judge.JudgeAsync(Reviews.Good, "/metrics", default).AsTask()).ToArray();
        await _server.WaitForCallsAsync("create", "tokenreviews");
        gate.Release();

        Assert.All(await Task.WhenAll(all), decision => Assert.Equal(AccessOutcome.Allowed, decision.Outcome));
        Assert.Equal((1, 1), Asked());
    }

    [Fact]
    public async Task Judge_ApiServerDown_IsUnknownAndSoonAskedAgain()
    {
        _server.On("create", "tokenreviews").Answer(500, "InternalError", "etcd is away");
        var judge = Judge();

        var decision = await judge.JudgeAsync(Reviews.Good, "/metrics", default);
        Assert.Equal(AccessOutcome.Unknown, decision.Outcome);
        Assert.Contains("etcd is away", decision.Reason, StringComparison.Ordinal);
        Assert.Equal(AccessOutcome.Unknown, (await judge.JudgeAsync(Reviews.Good, "/metrics", default)).Outcome);
        Assert.Equal((1, 0), Asked());

        _time.Advance(ReviewedTokens.LifetimeOfFailure);
        Assert.Equal(AccessOutcome.Allowed, (await judge.JudgeAsync(Reviews.Good, "/metrics", default)).Outcome);
    }

    private ReviewedTokens Judge(params string[] audiences) => new(_server.CreateClient(), audiences, _time);

    private (int TokenReviews, int AccessReviews) Asked() => (_server.Calls.Count(call => call.Resource == "tokenreviews"), _server.Calls.Count(call => call.Resource == "subjectaccessreviews"));
}
