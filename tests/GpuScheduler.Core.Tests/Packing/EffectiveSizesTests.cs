using GpuScheduler.Core.Packing;

namespace GpuScheduler.Core.Tests.Packing;

public class EffectiveSizesTests
{
    [Fact]
    public void Solve_SizeNothingFitsBeside_CostsAWholeGpu() =>
        Assert.Equal([1.0], EffectiveSizes.Solve([81], [1], 100), new Near());

    [Fact]
    public void Solve_SizesThatDivideAGpu_CostTheirPart() =>
        Assert.Equal([1 / 3.0, 0.5, 1.0], EffectiveSizes.Solve([32, 47, 81], [1, 1, 1], 100), new Near());

    [Fact]
    public void Solve_RareFillerOfHolesOthersLeave_CostsNothing()
    {
        var prices = EffectiveSizes.Solve([16, 81], [0.1, 0.9], 100);

        Assert.Equal([0.0, 1.0], prices, new Near());
    }

    [Fact]
    public void Solve_NoSizes_GivesNone() => Assert.Empty(EffectiveSizes.Solve([], [], 100));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Solve_AnyMixture_NoWayToFillAGpuIsWorthMoreThanOne(int seed)
    {
        var random = new Random(seed);
        var sizes = Enumerable.Range(1, 99).OrderBy(_ => random.Next()).Take(30).Order().ToArray();
        var prices = EffectiveSizes.Solve(sizes, [.. sizes.Select(_ => random.NextDouble() + 0.01)], 100);

        var best = new double[101];
        for (var room = 1; room <= 100; room++)
        {
            for (var i = 0; i < sizes.Length; i++)
            {
                if (sizes[i] <= room) best[room] = Math.Max(best[room], best[room - sizes[i]] + prices[i]);
            }
        }

        Assert.InRange(best[100], 0.999, 1.000001);
    }

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-6;

        public int GetHashCode(double obj) => 0;
    }
}
