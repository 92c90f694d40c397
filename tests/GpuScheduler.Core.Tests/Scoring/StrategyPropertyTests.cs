using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Scoring;

public sealed class StrategyPropertyTests
{
    [Fact]
    public void Explain_AnyRow_TermsAddUpToTheScore() => ForAll((page, shape) =>
    {
        foreach (var strategy in Arbitraries.Strategies(LaneWidth.Scalar))
        {
            var scores = page.Score(strategy, shape);
            for (var row = 0; row < NodePage.RowCount; row += 7)
            {
                var sum = strategy.Explain(page.Page, row, page.Resolve(shape)).Sum(term => term.Points);
                Assert.True(Math.Abs(sum - scores[row]) <= 1e-3f, $"{strategy.Name} row {row} for {shape}: {sum} against {scores[row]}");
            }
        }
    });

    [Fact]
    public void Score_AnyRow_IsANumberInRange() => ForAll((page, shape) =>
    {
        foreach (var strategy in Arbitraries.Strategies(LaneWidth.Scalar))
        {
            var top = strategy is PackGpus ? 8193f : 100.001f;
            Assert.All(page.Score(strategy, shape), score => Assert.InRange(score, 0f, top));
        }
    });

    [Fact]
    public void MostAndLeastAllocated_AnyRowThatOffersSomething_AddUpTo100() => ForAll((page, shape) =>
    {
        var most = page.Score(new MostAllocated(), shape);
        var least = page.Score(new LeastAllocated(), shape);
        for (var row = 0; row < NodePage.RowCount; row++)
        {
            var offers = new MostAllocated().Explain(page.Page, row, page.Resolve(shape)).Count > 0;
            Assert.Equal(offers ? 100 : 0, most[row] + least[row], 1e-3);
        }
    });

    [Fact]
    public void RequestedToCapacityRatio_BinPackingShape_OrdersRowsInFullUseAsMostAllocated() => ForAll((page, shape) =>
    {
        var ratio = page.Score(new RequestedToCapacityRatio(), shape);
        var most = page.Score(new MostAllocated(), shape);
        for (var row = 0; row < NodePage.RowCount; row++)
        {
            // a resource worth 0 points drops out of the ratio's mean only
            var terms = new MostAllocated().Explain(page.Page, row, page.Resolve(shape));
            if (terms.All(term => term.Points > 0)) Assert.Equal(most[row], ratio[row], 1e-3);
            else Assert.True(ratio[row] >= most[row] - 1e-3);
        }
    });

    [Fact]
    public void PackGpus_PodWithoutGpus_EveryNodeWithoutGpusBeatsEveryNodeWith() => ForAll((page, shape) =>
    {
        if (shape.UsesGpu) return;
        var scores = page.Score(new PackGpus(), shape);
        var request = page.Resolve(shape);
        int[] slots = [.. request.OtherGpuSlots, .. request.WholeGpuSlots];
        var withGpus = Enumerable.Range(0, NodePage.RowCount)
            .ToLookup(row => page.Page.GpuCount[row] > 0 || slots.Any(slot => page.Page.Allocatable(slot)[row] > 0), row => scores[row]);
        if (withGpus[true].Any() && withGpus[false].Any()) Assert.True(withGpus[false].Min() > withGpus[true].Max());
    });

    [Fact]
    public void PackGpus_PodWithWholeGpus_MoreUsedGpusAlwaysWinOverCpuAndMemory() => Prop.ForAll(
        Gen.Choose(0, 15).Four().ToArbitrary(), sample =>
    {
        var (usedA, usedB, totalA, totalB) = (sample.Item1, sample.Item2, sample.Item3 + 1, sample.Item4 + 1);
        var fillA = Math.Min((usedA + 1) / (double)totalA, 1);
        var fillB = Math.Min((usedB + 1) / (double)totalB, 1);
        if (fillA <= fillB) return;
        var page = new MakePage()
            .Node((64000, 64000), (1 << 20, 1 << 20), Gpus(usedA, totalA))
            .Node((64000, 1), (1 << 20, 1), Gpus(usedB, totalB));
        var scores = page.Score(new PackGpus(), MakePod.Named("p").Cpu("1m").Gpus(1).Shape());
        Assert.True(scores[0] > scores[1], $"{fillA} must beat {fillB}: {scores[0]:R} against {scores[1]:R}");
    }).QuickCheckThrowOnFailure();

    private static int[] Gpus(int used, int total) =>
        [.. Enumerable.Range(0, total).Select(gpu => gpu < used ? 0 : GpuDemand.WholeMilli)];

    private static void ForAll(Action<MakePage, PodShape> check) => Prop.ForAll(
        Arbitraries.Pages.Zip(Arbitraries.Shapes).ToArbitrary(), sample => check(sample.Item1, sample.Item2)).QuickCheckThrowOnFailure();
}
