using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>The most CPU and the most GPUs that one node of the cluster has: the scale of the vector-packing scores.</summary>
/// <param name="CpuMilli">Thousandths of a CPU; at least 1.</param>
/// <param name="GpuMilli">Thousandths of a GPU; at least 1.</param>
internal readonly record struct LargestNode(double CpuMilli, double GpuMilli)
{
    public static LargestNode Of(ClusterSnapshot cluster)
    {
        int cpu = 1, gpus = 0;
        foreach (var page in cluster.Pages)
        {
            foreach (var amount in page.Allocatable(ResourceTable.Cpu)) cpu = Math.Max(cpu, amount);
            foreach (var amount in page.GpuCount) gpus = Math.Max(gpus, amount);
        }

        return new LargestNode(cpu, Math.Max(1, gpus * GpuDemand.WholeMilli));
    }
}
