using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>Pods that would fill the nodes of a cluster: one shape for every number of GPUs above one that a node has.</summary>
internal static class WholeNodes
{
    private static readonly GpuResourceCatalog Catalog = new([new("gpu", GpuResourceKind.Whole)]);

    /// <param name="cluster">The nodes.</param>
    /// <param name="fill">The fraction of the CPU and memory of such a node (the mean over them) that the pod asks for.</param>
    public static IReadOnlyCollection<PodShape> Of(ClusterSnapshot cluster, double fill)
    {
        Span<(long Nodes, long CpuMilli, long MemoryMiB)> sums = stackalloc (long, long, long)[NodePage.MaxDevices + 1];
        foreach (var page in cluster.Pages)
        {
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                ref var sum = ref sums[Math.Min(page.GpuCount[row], NodePage.MaxDevices)];
                sum.Nodes++;
                sum.CpuMilli += page.Allocatable(ResourceTable.Cpu)[row];
                sum.MemoryMiB += page.Allocatable(ResourceTable.Memory)[row];
            }
        }

        var shapes = new List<PodShape>();
        for (var gpus = 2; gpus < sums.Length; gpus++)
        {
            if (sums[gpus].Nodes == 0) continue;
            shapes.Add(new PodShape(
                [
                    new(ResourceNames.Cpu, (long)(fill * sums[gpus].CpuMilli / sums[gpus].Nodes)),
                    new(ResourceNames.Memory, (long)(fill * sums[gpus].MemoryMiB / sums[gpus].Nodes)),
                    new("gpu", gpus),
                ],
                Catalog));
        }

        return shapes;
    }
}
