using System.Numerics;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Dashboard;

/// <summary>What the GPUs of a snapshot add up to.</summary>
/// <param name="Gpus">Devices that pods can be given whole or in thousandths.</param>
/// <param name="WholeFree">Those of which nothing is used.</param>
/// <param name="Open">Those of them that a pod could be given: not on cordoned nodes.</param>
/// <param name="PartlyUsed">Those that are neither free nor full.</param>
/// <param name="FreeMilli">Free thousandths of all.</param>
/// <param name="Placed">Pods on nodes.</param>
internal readonly record struct ClusterTotals(long Gpus, long WholeFree, long Open, long PartlyUsed, long FreeMilli, long Placed)
{
    /// <summary>How much of all GPUs is given out.</summary>
    public double AllocatedPercent => Gpus == 0 ? 0 : 100 - (FreeMilli / (10.0 * Gpus));

    /// <summary>How much of all GPUs is free on partly used ones: of no use to pods that ask for whole ones.</summary>
    public double FragmentedPercent => Gpus == 0 ? 0 : (FreeMilli - (WholeFree * 1000)) / (10.0 * Gpus);

    /// <summary>Adds up a snapshot.</summary>
    public static ClusterTotals Of(ClusterSnapshot snapshot)
    {
        long gpus = 0, whole = 0, open = 0, partly = 0, free = 0, placed = 0;
        foreach (var page in snapshot.Pages)
        {
            for (var word = 0; word < page.Live.Length; word++)
            {
                for (var live = page.Live[word]; live != 0; live &= live - 1)
                {
                    var row = (word * 64) + BitOperations.TrailingZeroCount(live);
                    gpus += page.GpuCount[row];
                    whole += page.GpuWholeFree[row];
                    open += page.OpenGpus(row);
                    free += page.GpuFreeMilli[row];
                    placed += page.Pods(row).Length;
                    foreach (var milli in page.DeviceFreeMilli(row)) partly += milli is > 0 and < 1000 ? 1 : 0;
                }
            }
        }

        return new ClusterTotals(gpus, whole, open, partly, free, placed);
    }
}
