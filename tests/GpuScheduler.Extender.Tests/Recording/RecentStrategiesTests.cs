using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Recording;

namespace GpuScheduler.Extender.Tests.Recording;

public sealed class RecentStrategiesTests
{
    [Fact]
    public void Of_NumberOfAStrategy_IsTheStrategy()
    {
        var recent = new RecentStrategies(8);
        var (first, second) = (new Strategy(), new Strategy());

        var (firstNumber, secondNumber) = (recent.NumberOf(first), recent.NumberOf(second));

        Assert.Same(first, recent.Of(firstNumber));
        Assert.Same(second, recent.Of(secondNumber));
    }

    [Fact]
    public void NumberOf_SeveralInTurn_StaysTheSame()
    {
        var recent = new RecentStrategies(8);
        var (first, second) = (new Strategy(), new Strategy());
        var numbers = (recent.NumberOf(first), recent.NumberOf(second));

        for (var i = 0; i < 100; i++) Assert.Equal(numbers, (recent.NumberOf(first), recent.NumberOf(second)));
    }

    [Fact]
    public void NumberOf_None_IsNone()
    {
        var recent = new RecentStrategies(8);

        Assert.Equal(RecentStrategies.None, recent.NumberOf(null));
        Assert.Null(recent.Of(RecentStrategies.None));
    }

    [Fact]
    public void Of_AsManyCameAsCallsAreRemembered_KnowsThemAll()
    {
        const int Capacity = 16;
        var recent = new RecentStrategies(Capacity);
        var strategies = Enumerable.Range(0, 1000).Select(_ => new Strategy()).ToArray();
        var numbers = strategies.Select(recent.NumberOf).ToArray();

        Assert.All(Enumerable.Range(1000 - Capacity, Capacity), i => Assert.Same(strategies[i], recent.Of(numbers[i])));
        Assert.Null(recent.Of(numbers[0]));
    }

    private sealed class Strategy : IScoringStrategy
    {
        public string Name => "None";

        public void Score(NodePage page, in ScoringRequest request, Span<float> scores) => scores.Clear();

        public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request) => [];
    }
}
