using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Tests.Options;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("2h0m1s", 7_201_000)]
    [InlineData("0", 0)]
    public void TryRead_Duration_IsRead(string text, long milliseconds)
    {
        Assert.True(Durations.TryRead(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
        Assert.True(Durations.TryRead(Durations.Write(duration), out var again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1.5s")]
    [InlineData("5 s")]
    [InlineData("5d")]
    [InlineData("99999999999999999h")]
    public void TryRead_AnythingElse_IsRefused(string text) => Assert.False(Durations.TryRead(text, out _));
}
