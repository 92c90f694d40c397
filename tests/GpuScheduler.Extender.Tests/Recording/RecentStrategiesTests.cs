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

        var (firstNumber, secondNumber) = (recent.NumberOf(first, 0), recent.NumberOf(second, 1));

        Assert.Same(first, recent.Of(firstNumber));
        Assert.Same(second, recent.Of(secondNumber));
    }

    [Fact]
    public void NumberOf_SeveralInTurn_StaysTheSame()
    {
        var recent = new RecentStrategies(8);
        var (first, second) = (new Strategy(), new Strategy());
        var numbers = (recent.NumberOf(first, 0), recent.NumberOf(second, 1));

        for (var i = 2; i < 100; i++) Assert.Equal(numbers, (recent.NumberOf(first, i), recent.NumberOf(second, i)));
    }

    [Fact]
    public void NumberOf_None_IsNone()
    {
        var recent = new RecentStrategies(8);

        Assert.Equal(RecentStrategies.None, recent.NumberOf(null, 0));
        Assert.Null(recent.Of(RecentStrategies.None));
    }

    [Fact]
    public void Of_AsManyCameAsCallsAreRemembered_KnowsThemAll()
    {
        const int Capacity = 16;
        var recent = new RecentStrategies(Capacity);
        var strategies = Enumerable.Range(0, 1000).Select(_ => new Strategy()).ToArray();
        var numbers = strategies.Select((strategy, call) => recent.NumberOf(strategy, call)).ToArray();

        Assert.All(Enumerable.Range(1000 - Capacity, Capacity), i => Assert.Same(strategies[i], recent.Of(numbers[i])));
        Assert.Null(recent.Of(numbers[0]));
    }

    [Fact]
    public void NumberOf_ManyCallsLater_KeepsNoneThatNoCallRemembered()
    {
        const int Capacity = 100;
        var recent = new RecentStrategies(Capacity);
        var numbers = Enumerable.Range(0, 10).Select(call => recent.NumberOf(new Strategy(), call)).ToArray();
        Assert.All(numbers, number => Assert.NotNull(recent.Of(number)));

        var last = new Strategy();
        var lastNumber = recent.NumberOf(last, 1_000);

        Assert.All(numbers[..^4], number => Assert.Null(recent.Of(number)));
        Assert.Same(last, recent.Of(lastNumber));
    }

    private sealed class Strategy : IScoringStrategy
    {
        public string Name => "None";

        public void Score(NodePage page, in ScoringRequest request, Span<float> scores) => scores.Clear();

        public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request) => [];
    }
}
