using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigPlacerTests
{
    [Fact]
    public void Best_OneSliceAmongGpus_SparesTheOneThatIsWhole()
    {
        var geometry = Gpus.Named("A100-40GB");
        var placement = MigPlacer.Best(Node(geometry, "", "3g.20gb@4 2g.10gb@0", ""), Gpus.Profile("1g.5gb"));
        Assert.Equal(1, placement.Gpu);
        Assert.InRange(placement.Start, 2, 3);
    }

    [Fact]
    public void Best_HalfGpuWithOneSliceAndWholeGpu_KeepsTheWholeOneAndThe3g()
    {
        var geometry = Gpus.Named("A100-40GB");
        var placement = MigPlacer.Best(Node(geometry, "", "1g.5gb@0"), Gpus.Profile("2g.10gb"));
        Assert.Equal((1, 2), (placement.Gpu, placement.Start));
    }

    [Fact]
    public void Best_EqualGpus_TakesTheFirst() =>
        Assert.Equal(0, MigPlacer.Best(Node(Gpus.Named("A30-24GB"), "", ""), Gpus.Profile("1g.6gb")).Gpu);

    [Fact]
    public void Best_ProfileOfAnotherGpu_DoesNotFit() =>
        Assert.False(MigPlacer.Best(Node(Gpus.Named("A30-24GB"), ""), Gpus.Profile("1g.5gb")).Fits);

    [Fact]
    public void Best_PlacementsNotKnown_DoesNotFit() =>
        Assert.False(MigPlacer.Best(Node(Gpus.Named("RTX-PRO-5000-48GB"), ""), Gpus.Profile("4g.48gb")).Fits);

    [Fact]
    public void Best_GpusOfTwoKinds_ReadsTheProfileOnEachAsItIs()
    {
        // 1g.10gb is a quarter of the first GPU and an eighth of the second.
        var small = Gpus.Named("A100-40GB");
        var large = Gpus.Named("A100-80GB");
        MigGpu[] node = [new(0, Gpus.Values(small), MigOccupancy.Empty), new(1, Gpus.Values(large), MigOccupancy.Empty)];
        foreach (var profile in new[] { "1g.10gb", "7g.40gb", "7g.80gb" })
        {
            var placement = MigPlacer.Best(node, Gpus.Profile(profile));
            var geometry = node[placement.Gpu].Values.Geometry;
            Assert.Equal(profile, geometry.Profiles[placement.Profile].Profile.Name);
        }
    }

    [Theory]
    [InlineData("", "3g.20gb 4g.20gb")]
    [InlineData("", "1g.5gb 1g.5gb 1g.5gb 1g.5gb 3g.20gb")]
    [InlineData("", "2g.10gb 2g.10gb 2g.10gb 1g.10gb")]
    [InlineData("", "1g.5gb 1g.5gb+me 1g.10gb 1g.5gb 1g.5gb 1g.5gb 1g.5gb")]
    [InlineData("1g.5gb@1 1g.5gb@3", "1g.5gb 1g.5gb 1g.10gb 2g.10gb")]
    public void PlaceAll_WhatFitsOnOneGpu_IsPlaced(string taken, string profiles)
    {
        var geometry = Gpus.Named("A100-40GB");
        var placements = MigPlacer.PlaceAll(Node(geometry, taken), [.. profiles.Split(' ').Select(Gpus.Profile)]);

        Assert.NotNull(placements);
        var occupancy = MigValuesTests.Place(geometry, taken);
        foreach (var placement in placements) occupancy = geometry.Place(occupancy, placement.Profile, placement.Start);
        Assert.Equal(
            profiles.Split(' ').Order(StringComparer.Ordinal),
            placements.Select(placement => geometry.Profiles[placement.Profile].Profile.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("4g.20gb 4g.20gb")]
    [InlineData("1g.5gb+me 1g.5gb+me")]
    [InlineData("7g.40gb 1g.5gb")]
    [InlineData("3g.20gb 3g.20gb 1g.5gb")]
    public void PlaceAll_WhatFitsOnNoGpu_IsRefused(string profiles) =>
        Assert.Null(MigPlacer.PlaceAll(Node(Gpus.Named("A100-40GB"), ""), [.. profiles.Split(' ').Select(Gpus.Profile)]));

    [Theory]
    [MemberData(nameof(Gpus.WithPlacements), MemberType = typeof(Gpus))]
    public void PlaceAll_OnOneGpu_FindsAPlaceExactlyWhenALayoutHasIt(string gpu)
    {
        var geometry = Gpus.Named(gpu);
        var plain = geometry.Grid.Shapes.Select((_, shape) => geometry.Profiles.First(profile => profile.Shape == shape).Profile).ToArray();
        var layouts = MigLayout.All(geometry.Grid).ToArray();
        var values = Gpus.Values(geometry);
        var seen = new HashSet<string>(layouts.Select(layout => Key(layout.Instances.Select(instance => plain[instance.Shape]))));
        foreach (var profiles in layouts.Where(layout => layout.Instances.Count is > 0 and < 4)
            .Select(layout => layout.Instances.Select(instance => plain[instance.Shape]).ToArray()).DistinctBy(Key))
        {
            foreach (var extra in plain)
            {
                MigProfile[] wanted = [.. profiles, extra];
                Assert.Equal(seen.Contains(Key(wanted)), MigPlacer.PlaceAll([new MigGpu(0, values, MigOccupancy.Empty)], wanted) is not null);
            }
        }
    }

    [Fact]
    public void Placement_AnySequenceOfPlacingAndRemoving_NeverOverlapsNorExceedsComputeNorMedia()
    {
        var steps = Gen.Choose(0, 1 << 20).ArrayOf(60);
        var gpus = Gen.Elements(MigCatalog.Default.Geometries.Where(geometry => geometry.Grid.Size > 0).ToArray());
        var property = Prop.ForAll(Arb.From(gpus), Arb.From(steps), (geometry, choices) =>
        {
            var values = Gpus.Values(geometry);
            var node = new[] { new MigGpu(0, values, MigOccupancy.Empty), new MigGpu(1, values, MigOccupancy.Empty) };
            var live = new List<MigPlacement>();
            foreach (var choice in choices)
            {
                if (choice % 3 == 0 && live.Count > 0)
                {
                    var gone = live[choice / 3 % live.Count];
                    live.Remove(gone);
                    node[gone.Gpu] = node[gone.Gpu] with { Occupancy = geometry.Remove(node[gone.Gpu].Occupancy, gone.Profile, gone.Start) };
                }
                else
                {
                    var profile = choice / 3 % geometry.Profiles.Count;
                    var placement = MigPlacer.Best(node, geometry.Profiles[profile].Profile);
                    Assert.Equal(node.Any(gpu => FitsByRule(geometry, live, gpu.Index, profile)), placement.Fits);
                    if (!placement.Fits) continue;
                    Assert.True(FitsAt(geometry, live, placement.Gpu, profile, placement.Start));
                    live.Add(placement);
                    node[placement.Gpu] = node[placement.Gpu] with { Occupancy = geometry.Place(node[placement.Gpu].Occupancy, profile, placement.Start) };
                }

                foreach (var gpu in node) Assert.Equal(OccupancyOf(geometry, live.Where(placement => placement.Gpu == gpu.Index)), gpu.Occupancy);
                foreach (var gpu in node)
                {
                    Assert.True(live.Where(placement => placement.Gpu == gpu.Index).Sum(placement => geometry.Profiles[placement.Profile].Profile.ComputeSlices)
                        <= geometry.ComputeSlices);
                }
            }
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), property);
    }

    private static bool FitsByRule(MigGeometry geometry, List<MigPlacement> live, int gpu, int profile) =>
        geometry.Profiles[profile].Starts.Any(start => FitsAt(geometry, live, gpu, profile, start));

    /// <summary>The rule itself, slice by slice, without masks or tables.</summary>
    private static bool FitsAt(MigGeometry geometry, List<MigPlacement> live, int gpu, int profile, int start)
    {
        var wanted = Enumerable.Range(start, geometry.Profiles[profile].Size).ToArray();
        var there = live.Where(placement => placement.Gpu == gpu).ToArray();
        var overlaps = there.Any(placement => wanted.Intersect(Enumerable.Range(placement.Start, geometry.Profiles[placement.Profile].Size)).Any());
        var media = geometry.Profiles[profile].Profile.TakesMedia && there.Any(placement => geometry.Profiles[placement.Profile].Profile.TakesMedia);
        return !overlaps && !media;
    }

    private static MigOccupancy OccupancyOf(MigGeometry geometry, IEnumerable<MigPlacement> live)
    {
        var mask = 0;
        var media = false;
        foreach (var placement in live)
        {
            foreach (var slice in Enumerable.Range(placement.Start, geometry.Profiles[placement.Profile].Size))
            {
                Assert.Equal(0, mask & (1 << slice));
                mask |= 1 << slice;
            }

            media |= geometry.Profiles[placement.Profile].Profile.TakesMedia;
        }

        return new MigOccupancy((ushort)mask, media);
    }

    private static string Key(IEnumerable<MigProfile> profiles) => string.Join(' ', profiles.Select(profile => profile.Name).Order(StringComparer.Ordinal));

    private static MigGpu[] Node(MigGeometry geometry, params string[] taken)
    {
        var values = Gpus.Values(geometry);
        return [.. taken.Select((instances, index) => new MigGpu(index, values, MigValuesTests.Place(geometry, instances)))];
    }
}
