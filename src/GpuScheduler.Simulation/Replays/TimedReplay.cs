using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Pods that come and go. A pod that finds no place is lost (it does not wait): a loss system, whose mean allocation over time shows what
/// a policy makes of the room that departures leave.
/// </summary>
internal static class TimedReplay
{
    /// <summary>Mean lifetimes until measuring starts; after three an empty cluster is within 5 % of its steady state.</summary>
    private const double WarmUp = 3;

    /// <summary>Poisson arrivals of pods drawn with replacement; the mean lifetime is 1.</summary>
    public static IReadOnlyList<(double Start, double End, PodShape Shape)> Poisson(
        ReplayWorkload workload, long clusterGpuMilli, double load, double lifetimes, ReplayRandom random)
    {
        var rate = load * clusterGpuMilli / Math.Max(1e-9, workload.Mix.MeanGpuMilli);
        var pods = workload.Pods.OrderBy(pod => pod.Name, StringComparer.Ordinal).Select(pod => pod.Shape).ToArray();
        var arrivals = new List<(double, double, PodShape)>();
        for (var now = Exponential(random) / rate; now < WarmUp + lifetimes; now += Exponential(random) / rate)
        {
            arrivals.Add((now, now + Exponential(random), pods[random.Next(pods.Length)]));
        }

        return arrivals;
    }

    /// <summary>The times of the trace; a pod that is not said to leave stays.</summary>
    /// <exception cref="TraceFormatException">The trace has no times.</exception>
    public static IReadOnlyList<(double Start, double End, PodShape Shape)> TraceTimes(ReplayWorkload workload) =>
        [.. workload.Pods.Select(pod => (
                pod.CreatedSeconds ?? throw new TraceFormatException(workload.Name, 0, "creation_time", $"pod {pod.Name} has none; replay this workload without --trace-times"),
                pod.DeletedSeconds ?? double.PositiveInfinity, pod.Shape))
            .OrderBy(pod => pod.Item1)];

    /// <summary>Runs the experiment and measures from <paramref name="from"/> until the last arrival.</summary>
    public static (double Allocated, double Fragmented, LostPods Lost) Run(
        ReplayCluster cluster, IReadOnlyList<(double Start, double End, PodShape Shape)> arrivals, FragmentationMeter meter, double from,
        CancellationToken cancellation)
    {
        var leaving = new PriorityQueue<(PodShape Shape, string Uid), (double, int)>();
        var lost = new LostPods();
        double allocated = 0, fragmented = 0, last = from;
        var order = 0;

        foreach (var (start, end, shape) in arrivals)
        {
            cancellation.ThrowIfCancellationRequested();
            while (leaving.TryPeek(out var gone, out var when) && when.Item1 <= start)
            {
                Advance(when.Item1);
                leaving.Dequeue();
                meter.Update(cluster.Snapshot, cluster.Remove(gone.Shape, gone.Uid));
            }

            Advance(start);
            var row = cluster.Place(shape, out var uid);
            if (start >= from) lost.Count(shape, row < 0);
            if (row < 0) continue;
            meter.Update(cluster.Snapshot, row);
            if (!double.IsPositiveInfinity(end)) leaving.Enqueue((shape, uid), (end, order++));
        }

        var span = Math.Max(1e-9, last - from);
        return (100 * allocated / span / cluster.GpuMilli, 100 * fragmented / span / cluster.GpuMilli, lost);

        void Advance(double now)
        {
            if (now <= last) return;
            allocated += cluster.UsedGpuMilli * (now - last);
            fragmented += meter.Milli * (now - last);
            last = now;
        }
    }

    /// <summary>When measuring starts.</summary>
    public static double MeasureFrom(ReplayExperiment experiment) => experiment == ReplayExperiment.Poisson ? WarmUp : 0;

    private static double Exponential(ReplayRandom random) => -Math.Log(1 - random.NextDouble());
}
