using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Tests.Options;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("stratgy", "did you mean 'strategy'?")]
    [InlineData("SHAPE", "did you mean 'shape'?")]
    [InlineData("zzzzzzzz", "there are: strategy, shape")]
    public void For_Word_NamesTheNearestOrAll(string word, string expected) => Assert.Equal(expected, Suggestion.For(word, ["strategy", "shape"]));
}
