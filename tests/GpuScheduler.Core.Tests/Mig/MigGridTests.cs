using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigGridTests
{
    [Theory]
    [InlineData("A100-40GB", 8, 7, 18, 723, 192, 78)]
    [InlineData("H100-80GB", 8, 7, 18, 723, 192, 78)]
    [InlineData("GB200-186GB", 8, 7, 18, 723, 192, 78)]
    [InlineData("A30-24GB", 4, 4, 7, 26, 16, 5)]
    [InlineData("RTX-PRO-6000-96GB", 12, 4, 7, 26, 16, 5)]
    public void Tables_OfAGrid_HaveThePublishedCounts(
        string gpu, int slices, int compute, int placements, int layouts, int masks, int maximal)
    {
        var geometry = Gpus.Named(gpu);
        var grid = geometry.Grid;

        Assert.Equal(slices, grid.Size);
        Assert.Equal(compute, geometry.ComputeSlices);
        Assert.Equal(placements, grid.Shapes.Sum(shape => shape.Starts.Count));
        Assert.Equal(layouts, MigLayout.All(grid).Count());
        Assert.Equal(masks, grid.Masks.Length);
        Assert.Equal(maximal, MigLayout.All(grid).Count(layout => layout.IsMaximal(grid)));
    }

    [Fact]
    public void Tables_WithoutTheDoubleMemoryProfile_HaveThePublishedCounts()
    {
        var entry = new MigGeometryEntry("A100", [], 40, [.. Gpus.EntryOf(Gpus.Named("A100-40GB")).Profiles.Where(profile => profile.Name != "1g.10gb")]);
        var grid = Gpus.Compile(entry).Grid;

        Assert.Equal(14, grid.Shapes.Sum(shape => shape.Starts.Count));
        Assert.Equal(298, MigLayout.All(grid).Count());
        Assert.Equal(144, grid.Masks.Length);
        Assert.Equal(19, MigLayout.All(grid).Count(layout => layout.IsMaximal(grid)));
    }

    [Theory]
    [MemberData(nameof(Gpus.WithPlacements), MemberType = typeof(Gpus))]
    public void Layouts_AgainstEveryChoiceOfPlacements_AreTheLegalOnesAndNoOther(string gpu)
    {
        var geometry = Gpus.Named(gpu);
        var tables = MigLayout.All(geometry.Grid).Select(layout => Key(layout.Instances)).ToArray();

        Assert.Equal(tables.Length, tables.Distinct().Count());
        Assert.Equal(BruteForce(geometry).Order(StringComparer.Ordinal), tables.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Gpus.WithPlacements), MemberType = typeof(Gpus))]
    public void Masks_AgainstLayouts_AreTheirUnions(string gpu)
    {
        var grid = Gpus.Named(gpu).Grid;
        Assert.Equal(MigLayout.All(grid).Select(layout => layout.Mask).Distinct().Order(), grid.Masks.ToArray());
    }

    [Theory]
    [MemberData(nameof(Gpus.WithPlacements), MemberType = typeof(Gpus))]
    public void Placeable_ForEveryMask_IsTheMostOfAnyLayoutThatFits(string gpu)
    {
        var grid = Gpus.Named(gpu).Grid;
        var layouts = MigLayout.All(grid).ToArray();
        for (var index = 0; index < grid.Masks.Length; index++)
        {
            var mask = grid.Masks[index];
            for (var shape = 0; shape < grid.Shapes.Count; shape++)
            {
                var most = layouts.Where(layout => (layout.Mask & mask) == 0 && layout.Instances.All(instance => instance.Shape == shape))
                    .Max(layout => layout.Instances.Count);
                Assert.Equal(most, grid.Placeable(index, shape));
                Assert.Equal(most == 0, grid.FreeStarts(index, shape) == 0);
            }
        }
    }

    [Fact]
    public void IndexOf_MaskNoInstancesMake_IsMinusOne()
    {
        var grid = Gpus.Named("A100-40GB").Grid;
        Assert.Equal(-1, grid.IndexOf(0b1000_0000));
        Assert.Equal(-1, grid.IndexOf(-1));
        Assert.Equal(-1, grid.IndexOf(256));
    }

    /// <summary>
    /// The rules of the facts and nothing of the tables: any set of (shape, start), no memory slice used twice, no more compute slices than the GPU
    /// has. Chosen placement by placement, taken or not.
    /// </summary>
    private static IEnumerable<string> BruteForce(MigGeometry geometry)
    {
        var all = geometry.Grid.Shapes.SelectMany((shape, index) => shape.Starts.Select(start => (Shape: index, Start: start))).ToArray();
        var uses = new int[MigGrid.MaxSize];
        for (var choice = 0; choice < 1 << all.Length; choice++)
        {
            Array.Clear(uses);
            var compute = 0;
            var legal = true;
            for (var at = 0; at < all.Length && legal; at++)
            {
                if ((choice & (1 << at)) == 0) continue;
                var shape = geometry.Grid.Shapes[all[at].Shape];
                compute += shape.ComputeSlices;
                for (var slice = all[at].Start; slice < all[at].Start + shape.Size; slice++) legal &= ++uses[slice] <= 1;
            }

            var chosen = choice;
            if (legal && compute <= geometry.ComputeSlices) yield return Key(all.Where((_, at) => (chosen & (1 << at)) != 0));
        }
    }

    private static string Key(IEnumerable<(int Shape, int Start)> instances) =>
        string.Join(' ', instances.OrderBy(instance => instance.Start).Select(instance => $"{instance.Shape}@{instance.Start}"));
}
