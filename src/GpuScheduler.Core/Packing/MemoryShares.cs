using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Puts the shares by memory of a workload into thousandths of a device, the only measure of a share that policies learn in: what the share
/// is of the mean device of the cluster that is shared in the same dialect.
/// </summary>
internal static class MemoryShares
{
    /// <summary>The same workload; the same object when it has no shares by memory.</summary>
    public static WorkloadMix InThousandths(WorkloadMix workload, ClusterSnapshot cluster)
    {
        var any = false;
        foreach (var (shape, _) in workload.Shares) any |= shape.Gpu.IsMemoryShare;
        if (!any) return workload;

        var means = MeanMemory(cluster);
        var weights = new Dictionary<PodShape, double>();
        foreach (var (shape, share) in workload.Shares)
        {
            var same = shape.Gpu.IsMemoryShare ? shape.With(InThousandths(shape.Gpu, means.GetValueOrDefault(shape.Gpu.Memory.Dialect))) : shape;
            weights[same] = weights.GetValueOrDefault(same) + share;
        }

        return WorkloadMix.FromWeights(weights, workload.DeparturesPerArrival, workload.Observations);
    }

    private static GpuDemand InThousandths(in GpuDemand demand, int deviceMemory)
    {
        var milli = new DeviceRoom(0, 0, deviceMemory, 0, 0).MilliOf(demand);
        return milli == GpuDemand.WholeMilli ? GpuDemand.Whole(demand.Count) : GpuDemand.Share(milli);
    }

    private static Dictionary<SharingDialect, int> MeanMemory(ClusterSnapshot cluster)
    {
        var sums = new Dictionary<SharingDialect, (long Memory, int Count)>();
        foreach (var page in cluster.Pages)
        {
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                var sharing = (SharingDialect)page.Sharing[row];
                if (sharing is SharingDialect.None or SharingDialect.Replicas) continue;
                foreach (var memory in page.DeviceMemory(row))
                {
                    var (sum, count) = sums.GetValueOrDefault(sharing);
                    if (memory > 0) sums[sharing] = (sum + memory, count + 1);
                }
            }
        }

        return sums.ToDictionary(pair => pair.Key, pair => (int)(pair.Value.Memory / pair.Value.Count));
    }
}
