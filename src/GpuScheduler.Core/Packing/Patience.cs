using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// The chance, per arriving pod, that room stops waiting for what fits it best. Room waits for a part of the time in which the cluster fills,
/// and all room of a cluster waits for the same pods: the more pods the cluster holds, the longer room has to wait for one, and may.
/// </summary>
/// <param name="Shared">Of a GPU in use.</param>
/// <param name="Whole">Of the free GPUs of a node.</param>
internal readonly record struct Patience(double Shared, double Whole)
{
    private const double Most = 0.5;

    public static Patience Of(WorkloadMix workload, ClusterSnapshot cluster, ResidualValueOptions options)
    {
        var milli = GpuTotals.Count(cluster) * GpuDemand.WholeMilli;
        var pods = workload.MeanGpuMilli > 0 ? Math.Max(1, milli / workload.MeanGpuMilli) : 1;
        return new Patience(
            Math.Min(Most, (options.SharePatience + (options.DeparturePatience * workload.DeparturesPerArrival)) / pods),
            Math.Min(Most, options.WholePatience / pods));
    }
}
