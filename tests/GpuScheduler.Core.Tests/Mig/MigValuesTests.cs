using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigValuesTests
{
    [Theory]
    [InlineData("A100-40GB", "3g.20gb", "", 4)]
    [InlineData("A100-40GB", "2g.10gb", "", 4)]
    [InlineData("A100-40GB", "1g.5gb", "", 6)]
    [InlineData("A100-40GB", "1g.10gb", "", 6)]
    [InlineData("H200-141GB", "3g.71gb", "", 4)]
    [InlineData("A100-40GB", "1g.5gb", "3g.20gb@4", 0)]
    [InlineData("A100-40GB", "2g.10gb", "4g.20gb@0", 4)]
    [InlineData("A100-40GB", "1g.5gb", "4g.20gb@0", 6)]
    public void Best_OfEmptyAndPartlyTakenGpus_FollowsFromTheValues(string gpu, string profile, string taken, int start)
    {
        var geometry = Gpus.Named(gpu);
        var occupancy = Place(geometry, taken);
        Assert.Equal(start, Gpus.Values(geometry).Best(occupancy, Gpus.Index(geometry, profile)).Start);
    }

    [Fact]
    public void Best_OneSliceBesideAHalfTakenGpu_LeavesTheOnlyPlaceForA3g()
    {
        // The other half holds a 2g already, so only there nothing more is lost.
        var geometry = Gpus.Named("A100-40GB");
        var start = Gpus.Values(geometry).Best(Place(geometry, "2g.10gb@0"), Gpus.Index(geometry, "1g.5gb")).Start;
        Assert.InRange(start, 2, 3);
    }

    [Theory]
    [MemberData(nameof(Gpus.WithPlacements), MemberType = typeof(Gpus))]
    public void Best_EveryMaskAndProfile_IsTheLeastCostlyFreeStart(string gpu)
    {
        var geometry = Gpus.Named(gpu);
        var values = Gpus.Values(geometry);
        foreach (var mask in geometry.Grid.Masks)
        {
            foreach (var media in new[] { false, true })
            {
                var occupancy = new MigOccupancy(mask, media);
                for (var profile = 0; profile < geometry.Profiles.Count; profile++)
                {
                    var best = values.Best(occupancy, profile);
                    var free = geometry.Profiles[profile].Starts.Where(start => (geometry.FreeStarts(occupancy, profile) & (1 << start)) != 0).ToArray();
                    Assert.Equal(free.Length > 0, best.Fits);
                    Assert.Equal(geometry.Placeable(occupancy, profile) > 0, best.Fits);
                    if (!best.Fits) continue;
                    Assert.Contains(best.Start, free);
                    Assert.True(best.Delta <= 0);
                    Assert.All(free, start => Assert.True(values.Delta(occupancy, profile, start) <= best.Delta));
                }
            }
        }
    }

    [Fact]
    public void Of_MediaEnginesTaken_CountsNoProfileWithThem()
    {
        var geometry = Gpus.Named("A30-24GB");
        var me = Gpus.Index(geometry, "1g.6gb+me");
        var occupancy = geometry.Place(MigOccupancy.Empty, me, 0);

        Assert.True(occupancy.MediaTaken);
        Assert.Equal(0, geometry.Placeable(occupancy, me));
        Assert.Equal(0, geometry.FreeStarts(occupancy, Gpus.Index(geometry, "2g.12gb+me")));
        Assert.Equal(3, geometry.Placeable(occupancy, Gpus.Index(geometry, "1g.6gb")));
        Assert.Equal(MigOccupancy.Empty, geometry.Remove(occupancy, me, 0));
    }

    [Fact]
    public void Of_IllegalMask_Throws()
    {
        var values = Gpus.Values(Gpus.Named("A100-40GB"));
        Assert.Throws<ArgumentException>(() => values.Of(new MigOccupancy(0b1000_0000, false)));
        Assert.Throws<ArgumentException>(() => values.Best(new MigOccupancy(0b1000_0000, false), 0));
    }

    [Fact]
    public void Prices_LastPlace_IsWorthMoreThanOneOfMany()
    {
        Assert.True(MigPrices.Of(0.1, 40, 0) > MigPrices.Of(0.1, 40, 1));
        Assert.True(MigPrices.Of(0.1, 80, 3) > MigPrices.Of(0.1, 40, 3));
        Assert.Equal(0.1 * 40 / 8, MigPrices.Of(0.1, 40, 7), 12);
    }

    [Fact]
    public void Mix_ProfileNobodyAskedFor_KeepsAShare()
    {
        var mix = MigMix.FromCounts([new(Gpus.Profile("1g.5gb"), 99)]);
        Assert.Equal(1, mix.ShareOf(Gpus.Profile("1g.5gb")), 12);
        Assert.Equal(0.01, mix.ShareOf(Gpus.Profile("7g.40gb")), 12);
        Assert.Equal(MigMix.Unknown.ShareOf(Gpus.Profile("1g.5gb")), MigMix.Unknown.ShareOf(Gpus.Profile("7g.40gb")));
    }

    internal static MigOccupancy Place(MigGeometry geometry, string instances)
    {
        var occupancy = MigOccupancy.Empty;
        foreach (var instance in instances.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = instance.Split('@');
            occupancy = geometry.Place(occupancy, Gpus.Index(geometry, parts[0]), int.Parse(parts[1]));
        }

        return occupancy;
    }
}
