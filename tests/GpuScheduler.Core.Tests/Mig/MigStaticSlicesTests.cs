using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigStaticSlicesTests
{
    // Kinds: 1g (many), 3g (few), whole GPU (rare).
    private static readonly double[] Prices = [MigPrices.Of(0.6, 5, 100), MigPrices.Of(0.3, 20, 10), MigPrices.Of(0.1, 40, 2)];

    [Theory]
    [InlineData("7 0 0", "7 2 0")]
    [InlineData("7 1 0", "7 0 1")]
    [InlineData("2 1 0", "6 1 0")]
    [InlineData("1 0 0", "1 0 1")]
    public void ExposedValue_SmallSlice_GoesWhereTheLeastIsLeft(string better, string worse)
    {
        Assert.True(Exposed(better, "1 0 0") < Exposed(worse, "1 0 0"));
    }

    [Theory]
    [InlineData("0 2 1", "1 0 0")]
    [InlineData("1 2 1", "2 0 0")]
    [InlineData("9 0 1", "1 1 0")]
    public void ExposedValue_NotEnoughDevices_IsInfinite(string free, string requested) => Assert.Equal(double.PositiveInfinity, Exposed(free, requested));

    [Fact]
    public void ExposedValue_NodeOverCommittedInAnotherKind_StillCounts() => Assert.True(double.IsFinite(Exposed("1 -1 0", "1 0 0")));

    [Fact]
    public void Prices_FreeDevicesOfFixedLayouts_CountAsPlaces()
    {
        var geometry = Gpus.Named("A100-40GB");
        var profile = Gpus.Profile("7g.40gb");
        var inventory = new MigInventory();
        inventory.Add(geometry, MigOccupancy.Empty);
        inventory.Add(profile, 3);
        Assert.Equal(4, inventory[profile]);
        inventory.Remove(geometry, MigOccupancy.Empty);
        inventory.Add(profile, -3);
        Assert.All(geometry.Profiles, entry => Assert.Equal(0, inventory[entry.Profile]));
    }

    private static double Exposed(string free, string requested) => MigStaticSlices.ExposedValue(Prices, Numbers(free), Numbers(requested));

    private static long[] Numbers(string text) => [.. text.Split(' ').Select(long.Parse)];
}
