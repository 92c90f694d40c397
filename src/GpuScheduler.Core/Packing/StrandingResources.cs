using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Finds the resources besides CPU and memory that can strand GPUs: what pods with GPUs ask for and nodes with GPUs may run out of first, as
/// places for pods, storage, huge pages, network devices. Measured as the fraction of GPUs left over if every node were filled with one
/// kind of pod, the kinds as frequent as in the workload; a resource that leaves over next to nothing needs no price.
/// </summary>
internal static class StrandingResources
{
    /// <summary>The slots of such resources, the one that strands most first.</summary>
    /// <param name="workload">The pods to come.</param>
    /// <param name="cluster">The nodes.</param>
    /// <param name="least">The fraction of GPUs from which on a resource counts.</param>
    /// <param name="most">Slots at most.</param>
    public static int[] Find(WorkloadMix workload, ClusterSnapshot cluster, double least, int most)
    {
        var demands = new Dictionary<int, List<(double PerGpu, double Gpus)>>();
        double gpus = 0;
        foreach (var (shape, share) in workload.Shares)
        {
            var milli = shape.Gpu.TotalMilli;
            if (milli == 0) continue;
            gpus += share * milli;
            Add(ResourceTable.Pods, 1);
            foreach (var (name, amount) in shape.Requests)
            {
                if (name is ResourceNames.Cpu or ResourceNames.Memory || name == shape.GpuResource) continue;
                if (GpuResourceCatalog.Default.KindOf(name) != GpuResourceKind.None) continue;
                if (cluster.Tables.Resources.SlotOf(name) is >= 0 and var slot) Add(slot, amount);
            }

            void Add(int slot, double amount)
            {
                if (!demands.TryGetValue(slot, out var list)) demands.Add(slot, list = []);
                list.Add((amount / milli, share * milli));
            }
        }

        return [.. demands.Select(demand => (Slot: demand.Key, Stranded: Stranded(cluster, demand.Key, demand.Value) / gpus))
            .Where(found => found.Stranded >= least).OrderByDescending(found => found.Stranded).ThenBy(found => found.Slot).Take(most)
            .Select(found => found.Slot)];
    }

    /// <summary>The GPU demand of the given kinds of pods, each times the fraction of the cluster's GPUs that it would leave over.</summary>
    private static double Stranded(ClusterSnapshot cluster, int slot, List<(double PerGpu, double Gpus)> kinds)
    {
        // Nodes with as much of it per GPU are one; a slot seldom has more than a handful of amounts.
        var counts = new Dictionary<double, long>();
        foreach (var page in cluster.Pages)
        {
            var count = page.GpuCount;
            var amount = page.Allocatable(slot);
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                if (count[row] == 0) continue;
                var perGpu = amount[row] / (double)(count[row] * GpuDemand.WholeMilli);
                counts[perGpu] = counts.GetValueOrDefault(perGpu) + count[row];
            }
        }

        if (counts.Count == 0 || counts.Keys.Min() >= kinds.Max(kind => kind.PerGpu)) return 0;

        // Of nodes in order of what they have: how many GPUs, and how much of the resource, those with less than a kind asks for have.
        var nodes = counts.OrderBy(pair => pair.Key).ToArray();
        var have = nodes.Select(pair => pair.Key).ToArray();
        var sums = new (double Gpus, double Amount)[nodes.Length + 1];
        for (var i = 0; i < nodes.Length; i++) sums[i + 1] = (sums[i].Gpus + nodes[i].Value, sums[i].Amount + (nodes[i].Value * nodes[i].Key));
        double stranded = 0;
        foreach (var (perGpu, gpus) in kinds)
        {
            var at = Array.BinarySearch(have, perGpu);
            var (poorGpus, poorAmount) = sums[at < 0 ? ~at : at];
            stranded += gpus * (poorGpus - (poorAmount / perGpu)) / sums[^1].Gpus;
        }

        return stranded;
    }
}
