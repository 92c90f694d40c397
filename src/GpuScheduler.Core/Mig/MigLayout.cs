namespace GpuScheduler.Core.Mig;

/// <summary>One legal set of instances on a GPU, suffixes left aside.</summary>
/// <param name="Mask">The memory slices they take together.</param>
/// <param name="Instances">Shape and start of each, ordered by start.</param>
public sealed record MigLayout(ushort Mask, IReadOnlyList<(int Shape, int Start)> Instances)
{
    /// <summary>Every legal layout of a grid once, the empty one first: 723 on the grid of the A100, 26 on those of the A30 and the RTX PRO 6000.</summary>
    public static IEnumerable<MigLayout> All(MigGrid grid) => Extend(grid, new MigLayout(0, []), 0);

    /// <summary>Whether no instance of any shape fits in addition.</summary>
    public bool IsMaximal(MigGrid grid)
    {
        var index = grid.IndexOf(Mask);
        return Enumerable.Range(0, grid.Shapes.Count).All(shape => grid.FreeStarts(index, shape) == 0);
    }

    // Instances are added from low slices to high ones, so each set is met in one order only.
    private static IEnumerable<MigLayout> Extend(MigGrid grid, MigLayout layout, int from)
    {
        yield return layout;
        for (var shape = 0; shape < grid.Shapes.Count; shape++)
        {
            foreach (var start in grid.Shapes[shape].Starts)
            {
                if (start < from) continue;
                var mask = (ushort)(layout.Mask | grid.Shapes[shape].MaskAt(start));
                var next = new MigLayout(mask, [.. layout.Instances, (shape, start)]);
                foreach (var extended in Extend(grid, next, start + grid.Shapes[shape].Size)) yield return extended;
            }
        }
    }
}
