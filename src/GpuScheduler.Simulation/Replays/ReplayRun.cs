using System.Diagnostics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;

namespace GpuScheduler.Simulation.Replays;

/// <summary>One workload, policy and seed of a plan.</summary>
internal sealed record ReplayRun(ReplayPlan Plan, ReplayWorkload Workload, string Policy, int Seed)
{
    /// <summary>Runs it on the calling thread.</summary>
    /// <exception cref="InvalidOperationException">A node or device was over-committed: a bug, never a result.</exception>
    public ReplayResult Execute(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var planned = Workload.Nodes ?? Plan.Nodes;
        var clusterGpuMilli = ReplayCluster.GpuMilliOf(planned);
        LostPods lost;
        double at100, atEnd, fragmented;
        IReadOnlyList<double> allocatedCurve = [], fragmentedCurve = [];
        ReplayCluster cluster;
        if (Plan.Experiment == ReplayExperiment.Inflation)
        {
            var (pods, nodes) = InflationReplay.Order(Workload.Pods, planned, clusterGpuMilli, Plan.Arrive, Seed);
            cluster = Cluster(nodes);
            (var curves, lost) = InflationReplay.Run(cluster, pods, new FragmentationMeter(Workload.Mix, cluster.Snapshot), cancellation);
            (allocatedCurve, fragmentedCurve) = (curves.Allocated, curves.Fragmented);
            at100 = allocatedCurve[Math.Min(100, allocatedCurve.Count - 1)];
            (atEnd, fragmented) = (allocatedCurve[^1], fragmentedCurve[^1]);
        }
        else
        {
            var nodes = planned.ToArray();
            new ReplayRandom(Seed, "nodes").Permute(nodes.AsSpan());
            cluster = Cluster(nodes);
            var arrivals = Plan.Experiment == ReplayExperiment.TraceTimes ? TimedReplay.TraceTimes(Workload)
                : TimedReplay.Poisson(Workload, clusterGpuMilli, Plan.Load, Plan.Lifetimes, new ReplayRandom(Seed, "pods"));
            (at100, fragmented, lost) = TimedReplay.Run(
                cluster, arrivals, new FragmentationMeter(Workload.Mix, cluster.Snapshot), TimedReplay.MeasureFrom(Plan.Experiment), cancellation);
            atEnd = at100;
        }

        return new ReplayResult
        {
            Workload = Workload.Name,
            Policy = Policy,
            Seed = Seed,
            Allocated = allocatedCurve,
            Fragmented = fragmentedCurve,
            AllocatedAt100 = at100,
            AllocatedAtEnd = atEnd,
            FragmentedAtEnd = fragmented,
            Pods = lost.Arrived,
            FailedByKind = lost.ByKind,
            FailedByShape = lost.ByShape,
            LostDemand = lost.LostDemand,
            DecisionMicroseconds = cluster.DecisionTime.TotalMicroseconds / Math.Max(1, cluster.Decisions),
            NodesScoredPerDecision = cluster.RowsScored / (double)Math.Max(1, cluster.Decisions),
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }

    private ReplayCluster Cluster(IReadOnlyList<Node> nodes) =>
        new(nodes, Learner(), Plan.Ties == TiedNodes.Random ? new ReplayRandom(Seed, "ties") : null);

    private PackingLearner Learner()
    {
        var policy = PackingPolicies.Find(Policy, Plan.Constants, new ReplayRandom(Seed, "policy"))
            ?? throw new ArgumentException($"'{Policy}' is no policy; there are: {string.Join(", ", PackingPolicies.Names)}");
        var isKnown = Plan.Knowledge == WorkloadKnowledge.Known
            || (Plan.Knowledge == WorkloadKnowledge.AsMeant && policy.Name == "Fgd");
        return isKnown ? new PackingLearner(policy, Workload.Mix) : new PackingLearner(policy, new WorkloadHistogram());
    }
}
