using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// The experiment of Weng et al., USENIX ATC 2023: an empty cluster is filled with the pods of a workload in random order, drawn again with
/// replacement until their GPU demand reaches a multiple of what the cluster has. Every pod is tried once; what fits nowhere is lost.
/// </summary>
internal static class InflationReplay
{
    /// <summary>The sequence of pods for a seed.</summary>
    public static IReadOnlyList<PodShape> Sequence(IReadOnlyList<TracePod> pods, long clusterGpuMilli, double arrive, ReplayRandom random)
    {
        var byName = pods.OrderBy(pod => pod.Name, StringComparer.Ordinal).Select(pod => pod.Shape).ToArray();
        var sequence = byName.ToArray();
        random.Permute(sequence.AsSpan());
        var limit = arrive * clusterGpuMilli;
        var total = 0.0;
        var kept = new List<PodShape>(sequence.Length);
        foreach (var shape in sequence)
        {
            if (total + shape.Gpu.TotalMilli > limit) break;
            kept.Add(shape);
            total += shape.Gpu.TotalMilli;
        }

        if (kept.Count < sequence.Length || !Array.Exists(byName, shape => shape.Gpu.TotalMilli > 0)) return kept;
        while (true)
        {
            // As published: the demand of one GPU, not of all, decides whether one more pod is drawn.
            var shape = byName[random.Next(byName.Length)];
            if (total + shape.Gpu.MilliPerGpu > limit) return kept;
            kept.Add(shape);
            total += shape.Gpu.TotalMilli;
        }
    }

    /// <summary>Runs the experiment.</summary>
    public static (ReplayCurves Curves, LostPods Lost) Run(
        ReplayCluster cluster, IReadOnlyList<PodShape> sequence, FragmentationMeter meter, CancellationToken cancellation)
    {
        var curves = new ReplayCurves(cluster.GpuMilli);
        var lost = new LostPods();
        foreach (var shape in sequence)
        {
            cancellation.ThrowIfCancellationRequested();
            var row = cluster.Place(shape, out _);
            if (row >= 0) meter.Update(cluster.Snapshot, row);
            lost.Count(shape, row < 0);
            curves.Arrive(shape.Gpu.TotalMilli, cluster.UsedGpuMilli, meter.Milli);
        }

        return (curves, lost);
    }
}
