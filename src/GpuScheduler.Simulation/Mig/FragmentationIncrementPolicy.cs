using System.Numerics;
using GpuScheduler.Core.Mig;

namespace GpuScheduler.Simulation.Mig;

/// <summary>How a GPU's fragmentation is counted.</summary>
internal enum MigFragmentationRule
{
    /// <summary>Every blocked start of the profiles that are not larger than the free memory slices.</summary>
    BlockedOfFittingProfiles,

    /// <summary>Every start of any profile that is blocked although some of its slices are free.</summary>
    PartlyBlocked,
}

/// <summary>
/// The greedy rule of Zambianco, Fasol and Doriguzzi-Corin, "An Online Fragmentation-Aware GPU Scheduler for Multi-Tenant MIG-based Clouds",
/// arXiv 2511.18906 (MFI): the GPU and start at which the GPU's fragmentation grows least, the first of equals. We had the paper's abstract
/// and introduction but not its formula, so the fragmentation is ours to state, in two readings: the sum, over profiles of different shape and
/// their starts, of the profile's size in memory slices, for the starts that <see cref="MigFragmentationRule"/> names.
/// </summary>
internal sealed class FragmentationIncrementPolicy : MigPolicy
{
    private readonly int[] _fragmentation;

    public FragmentationIncrementPolicy(MigGeometry geometry, MigFragmentationRule rule)
    {
        var grid = geometry.Grid;
        _fragmentation = new int[1 << grid.Size];
        foreach (var mask in grid.Masks)
        {
            var free = grid.Size - BitOperations.PopCount(mask);
            foreach (var shape in grid.Shapes)
            {
                foreach (var start in shape.Starts)
                {
                    var window = shape.MaskAt(start);
                    var blocked = (mask & window) != 0;
                    var counts = rule == MigFragmentationRule.PartlyBlocked ? blocked && (mask & window) != window : blocked && shape.Size <= free;
                    if (counts) _fragmentation[mask] += shape.Size;
                }
            }
        }
    }

    public override MigSpot Choose(MigFleet fleet, int profile)
    {
        var spot = MigSpot.None;
        var least = int.MaxValue;
        var shape = fleet.Geometry.Grid.Shapes[fleet.Geometry.Profiles[profile].Shape];
        for (var gpu = 0; gpu < fleet.Gpus.Length; gpu++)
        {
            var mask = fleet.Gpus[gpu].Mask;
            for (var rest = (uint)fleet.Geometry.FreeStarts(fleet.Gpus[gpu], profile); rest != 0; rest &= rest - 1)
            {
                var start = BitOperations.TrailingZeroCount(rest);
                var increment = _fragmentation[mask | shape.MaskAt(start)] - _fragmentation[mask];
                if (increment >= least) continue;
                least = increment;
                spot = new MigSpot(gpu, start);
            }
        }

        return spot;
    }
}
