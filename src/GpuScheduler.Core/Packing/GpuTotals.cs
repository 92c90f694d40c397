using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>Sums over a cluster.</summary>
internal static class GpuTotals
{
    /// <summary>GPUs that are told apart.</summary>
    public static long Count(ClusterSnapshot cluster)
    {
        var total = 0L;
        foreach (var page in cluster.Pages)
        {
            foreach (var count in page.GpuCount) total += count;
        }

        return total;
    }
}
