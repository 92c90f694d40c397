using System.Numerics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>Counts how many pods of a shape there is room for on every row: by resources and devices, so never fewer than really fit.</summary>
internal static class RowRoom
{
    /// <summary>Writes the counts of one page.</summary>
    /// <param name="trial">The cluster.</param>
    /// <param name="index">Which page.</param>
    /// <param name="filter">The filter of the shape: a row it rejects has room for none.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="selection">The nodes the pods accept; null for any.</param>
    /// <param name="most">No count above this is of interest.</param>
    /// <param name="counts">One number per row of the page, overwritten.</param>
    public static void Count(TrialCluster trial, int index, PodFilter filter, PodShape shape, NodeSelection? selection, int most, Span<int> counts)
    {
        Span<ulong> fits = stackalloc ulong[NodePage.BitmapWords];
        counts.Clear();
        var page = trial.Page(index);
        filter.Fits(page, fits);
        for (var word = 0; word < fits.Length; word++)
        {
            for (var rest = fits[word]; rest != 0; rest &= rest - 1)
            {
                var at = (word * 64) + BitOperations.TrailingZeroCount(rest);
                if (selection?.Accepts(page.Node(at)!.Node) == false) continue;
                counts[at] = Of(trial.Snapshot.Tables.Resources, page, at, shape, most);
            }
        }
    }

    /// <summary>How many pods of a shape a row that takes one of them has room for.</summary>
    private static int Of(ResourceTable resources, NodePage page, int at, PodShape shape, int most)
    {
        var count = Math.Min(most, page.Free(ResourceTable.Pods)[at]);
        foreach (var (name, amount) in shape.Requests)
        {
            if (shape.Gpu.IsMemoryShare && SharingDialects.IsOnlyPerDevice(name)) continue;
            // What is counted on devices alone has no column.
            if (resources.SlotOf(name) is >= 0 and var slot) count = Math.Min(count, (int)Math.Max(1, page.Free(slot)[at] / amount));
        }

        var gpu = shape.Gpu;
        if (gpu.IsNone || gpu.MilliPerGpu == 0 || page.GpuCount[at] == 0 || count <= 1) return Math.Max(1, count);
        if (gpu.IsWhole) return Math.Clamp(page.GpuWholeFree[at] / gpu.Count, 1, count);
        var shares = 0;
        for (var device = 0; device < page.DeviceFreeMilli(at).Length; device++) shares += page.Room(at, device).Times(gpu);
        return Math.Clamp(shares / gpu.Count, 1, count);
    }
}
