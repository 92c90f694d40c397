using GpuScheduler.Server.Access;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Server.Tests.Access;

public sealed class TokenFileTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Judge_TokensOfTheFile_AreAllowedAndNoOthers()
    {
        var tokens = Write("# of the dashboard\nfirst\n\n  second \r\n#third\n");

        Assert.True(await IsAllowedAsync(tokens, "first"));
        Assert.True(await IsAllowedAsync(tokens, "second"));
        foreach (var other in (string[])["", "third", "#third", "# of the dashboard", "First", "firs", "first2", "first\nsecond"]) Assert.False(await IsAllowedAsync(tokens, other), other);
    }

    [Fact]
    public async Task Judge_FileChanges_HoldsAfterTheInterval()
    {
        var tokens = Write("old\n");
        File.WriteAllText(_path, "new\n");
        Assert.True(await IsAllowedAsync(tokens, "old"));

        _time.Advance(TokenFile.Interval);
        Assert.False(await IsAllowedAsync(tokens, "old"));
        Assert.True(await IsAllowedAsync(tokens, "new"));
    }

    [Fact]
    public async Task Judge_FileIsEmptied_AllowsNobody()
    {
        var tokens = Write("old\n");
        File.WriteAllText(_path, "");
        _time.Advance(TokenFile.Interval);

        Assert.False(await IsAllowedAsync(tokens, "old"));
        Assert.False(await IsAllowedAsync(tokens, ""));
    }

    [Fact]
    public async Task Judge_FileIsGone_KeepsTheLastTokens()
    {
        var tokens = Write("old\n");
        File.Delete(_path);
        _time.Advance(TokenFile.Interval);

        Assert.True(await IsAllowedAsync(tokens, "old"));
    }

    [Theory]
    [InlineData(null, "access.tokenFile: Could not find file")]
    [InlineData("# nobody\n", "holds no token; write at least one, one a line")]
    public void Constructor_FileWithoutTokens_SaysSo(string? text, string expected)
    {
        if (text is not null) File.WriteAllText(_path, text);

        var problem = Assert.Throws<TokenFileException>(() => new TokenFile(_path, _time, NullLogger<TokenFile>.Instance));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> IsAllowedAsync(TokenFile tokens, string token) =>
        (await tokens.JudgeAsync(token, "/metrics", default)).Outcome == AccessOutcome.Allowed;

    private TokenFile Write(string text)
    {
        File.WriteAllText(_path, text);
        return new TokenFile(_path, _time, NullLogger<TokenFile>.Instance);
    }
}
