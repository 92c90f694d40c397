using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// The experiment of Weng et al., USENIX ATC 2023: an empty cluster is filled with the pods of a workload in random order, drawn again with
/// replacement until their GPU demand reaches a multiple of what the cluster has. Every pod is tried once; what fits nowhere is lost.
/// </summary>
internal static class InflationReplay
{
    /// <summary>Numbers that other parts of the published simulator draw (its watches' time-outs) between the pods and the nodes.</summary>
    private const int DrawsBetween = 10;

    /// <summary>
    /// The pods and the nodes in the order that the published simulator gives them for a seed (its <c>pkg/simulator/simulator.go</c>):
    /// shuffled, tuned to the demand that shall arrive, and the nodes renamed by a permutation; all from one generator.
    /// </summary>
    public static (IReadOnlyList<PodShape> Pods, IReadOnlyList<Node> Nodes) Order(
        IReadOnlyList<TracePod> pods, IReadOnlyList<Node> nodes, long clusterGpuMilli, double arrive, int seed)
    {
        var random = new GoRandom(seed);
        random.NextInt63();
        var byName = pods.OrderBy(pod => pod.Name, StringComparer.Ordinal).Select(pod => pod.Shape).ToArray();
        var shuffled = byName.ToArray();
        random.Shuffle(shuffled.AsSpan());
        var sequence = Tune(shuffled, byName, arrive * clusterGpuMilli, random);
        for (var i = 0; i < DrawsBetween; i++) random.NextInt63();
        var places = random.Permutation(nodes.Count);
        return (sequence, [.. nodes.OrderBy(node => node.Name, StringComparer.Ordinal).Zip(places).OrderBy(pair => pair.Second).Select(pair => pair.First)]);
    }

    /// <summary>Takes random pods out, or appends pods drawn with replacement, until as much GPU demand is left as shall arrive.</summary>
    private static List<PodShape> Tune(PodShape[] shuffled, PodShape[] byName, double limit, GoRandom random)
    {
        var pods = shuffled.ToList();
        var total = shuffled.Sum(shape => (long)shape.Gpu.TotalMilli);
        if (total == 0 || total == limit) return pods;
        while (total > limit)
        {
            var at = random.Next(pods.Count);
            total -= pods[at].Gpu.TotalMilli;
            pods.RemoveAt(at);
            if (total <= limit) return pods;
        }

        while (true)
        {
            // As published: the demand of one GPU, not of all, decides whether one more pod is drawn.
            var shape = byName[random.Next(byName.Length)];
            if (total + shape.Gpu.MilliPerGpu > limit) return pods;
            pods.Add(shape);
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
