using System.Numerics;

namespace GpuScheduler.Core.Mig;

/// <summary>
/// Everything that can be known of a GPU's memory slices in advance: which sets of slices instances can take (its legal masks: 192 on the grid
/// of the A100, 16 on those of the A30 and the RTX PRO 6000), and for each how many more instances of each shape fit, and where. Two
/// instances may not overlap (NVIDIA MIG User Guide, "MIG Instance Placements"). Immutable.
/// </summary>
public sealed class MigGrid
{
    /// <summary>Most memory slices a grid may have: what an occupancy mask holds.</summary>
    public const int MaxSize = 16;

    private readonly MigShape[] _shapes;
    private readonly ushort[] _masks;
    private readonly int[] _indexOfMask;
    private readonly byte[] _placeable;
    private readonly ushort[] _freeStarts;

    /// <summary>Computes the tables.</summary>
    /// <param name="shapes">The shapes, each within <see cref="MaxSize"/> slices.</param>
    internal MigGrid(IReadOnlyList<MigShape> shapes)
    {
        _shapes = [.. shapes];
        // The size is what the placements reach, never a constant: grids of 4, 8 and 12 slices exist.
        Size = _shapes.Length == 0 ? 0 : _shapes.Max(shape => shape.Starts[^1] + shape.Size);
        _masks = LegalMasks(_shapes);
        _indexOfMask = new int[1 << Size];
        Array.Fill(_indexOfMask, -1);
        for (var index = 0; index < _masks.Length; index++) _indexOfMask[_masks[index]] = index;

        _placeable = new byte[_masks.Length * _shapes.Length];
        _freeStarts = new ushort[_placeable.Length];
        // Taking slices only makes masks larger, so from the largest down every successor is ready.
        for (var index = _masks.Length - 1; index >= 0; index--)
        {
            for (var shape = 0; shape < _shapes.Length; shape++) Fill(index, shape);
        }
    }

    /// <summary>Memory slices.</summary>
    public int Size { get; }

    /// <summary>The shapes.</summary>
    public IReadOnlyList<MigShape> Shapes => _shapes;

    /// <summary>The legal masks, ascending; the first is 0. Tables elsewhere are indexed by position in this list.</summary>
    public ReadOnlySpan<ushort> Masks => _masks;

    /// <summary>Position of a mask in <see cref="Masks"/>; -1 when no set of instances takes exactly these slices.</summary>
    public int IndexOf(int mask) => (uint)mask < (uint)_indexOfMask.Length ? _indexOfMask[mask] : -1;

    /// <summary>How many more instances of one shape alone fit at most.</summary>
    /// <param name="maskIndex">Position of the mask in <see cref="Masks"/>.</param>
    /// <param name="shape">Position of the shape in <see cref="Shapes"/>.</param>
    public int Placeable(int maskIndex, int shape) => _placeable[(maskIndex * _shapes.Length) + shape];

    /// <summary>The starts at which an instance fits now: bit i for start i.</summary>
    /// <param name="maskIndex">Position of the mask in <see cref="Masks"/>.</param>
    /// <param name="shape">Position of the shape in <see cref="Shapes"/>.</param>
    public ushort FreeStarts(int maskIndex, int shape) => _freeStarts[(maskIndex * _shapes.Length) + shape];

    /// <summary>Position of the mask after an instance was placed at a free start.</summary>
    public int IndexAfter(int maskIndex, int shape, int start) => _indexOfMask[_masks[maskIndex] | _shapes[shape].MaskAt(start)];

    private static ushort[] LegalMasks(MigShape[] shapes)
    {
        var windows = shapes.SelectMany(shape => shape.Starts.Select(start => shape.MaskAt(start))).Distinct().ToArray();
        var seen = new SortedSet<ushort> { 0 };
        var open = new Stack<ushort>(seen);
        while (open.TryPop(out var mask))
        {
            foreach (var window in windows)
            {
                var next = (ushort)(mask | window);
                if ((mask & window) == 0 && seen.Add(next)) open.Push(next);
            }
        }

        return [.. seen];
    }

    private void Fill(int index, int shape)
    {
        var free = 0;
        var most = 0;
        foreach (var start in _shapes[shape].Starts)
        {
            if ((_masks[index] & _shapes[shape].MaskAt(start)) != 0) continue;
            free |= 1 << start;
            most = Math.Max(most, 1 + Placeable(IndexAfter(index, shape, start), shape));
        }

        _freeStarts[(index * _shapes.Length) + shape] = (ushort)free;
        _placeable[(index * _shapes.Length) + shape] = (byte)most;
    }

    /// <summary>Most compute slices that instances which do not overlap take together.</summary>
    internal int MostComputeSlices()
    {
        var most = new int[_masks.Length];
        for (var index = _masks.Length - 1; index >= 0; index--)
        {
            for (var shape = 0; shape < _shapes.Length; shape++)
            {
                for (var rest = (uint)FreeStarts(index, shape); rest != 0; rest &= rest - 1)
                {
                    var after = IndexAfter(index, shape, BitOperations.TrailingZeroCount(rest));
                    most[index] = Math.Max(most[index], _shapes[shape].ComputeSlices + most[after]);
                }
            }
        }

        return most[0];
    }
}
