using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>Places the pods of waiting jobs.</summary>
internal interface IGangPlacement
{
    /// <summary>What it is called in the table.</summary>
    string Name { get; }

    /// <summary>Whether pods say that they belong together.</summary>
    bool KnowsGangs { get; }

    /// <summary>Places what it can, oldest job first; a placed pod is in the ledger and in its job's <see cref="GangJob.Nodes"/>.</summary>
    void Place(ClusterLedger ledger, IReadOnlyList<GangJob> waiting);
}

/// <summary>The service's own: whole gangs, as planned.</summary>
internal sealed class PlannedGangs : IGangPlacement
{
    private readonly GangPlans _plans = new(new LedgerOptions());

    public string Name => "planned gangs";

    public bool KnowsGangs => true;

    public void Place(ClusterLedger ledger, IReadOnlyList<GangJob> waiting)
    {
        // The plans of one snapshot do not overlap, so all that fit are carried out.
        var snapshot = ledger.Publish();
        foreach (var job in waiting)
        {
            if (_plans.Of(snapshot, new GangKey("gang", "default", job.Name)) is not { Fits: true } plan) continue;
            foreach (var pod in plan.Gang.Waiting)
            {
                var node = plan.Places[plan.PlaceOf(pod.Uid)].NodeName;
                ledger.UpsertPod(pod with { NodeName = node });
                job.Nodes.Add(node);
            }
        }
    }
}

/// <summary>Pod by pod to the best node, as kube-scheduler does; what is placed stays.</summary>
/// <param name="name">See <see cref="Name"/>.</param>
/// <param name="strategy">Makes a node good.</param>
internal sealed class PodByPod(string name, IScoringStrategy strategy) : IGangPlacement
{
    private static readonly ScoringResolver Resolver = new(GpuResourceCatalog.Default);

    public string Name => name;

    public bool KnowsGangs => false;

    public static PodByPod KubeScheduler() => new("one at a time, LeastAllocated", new LeastAllocated(new ResourceWeights(1, 1, 0)));

    public static PodByPod BestFit(ClusterLedger ledger) =>
        new("one at a time, BestFit", new ClusterStrategy(PackingPolicies.Find("BestFit")!.Build(WorkloadMix.Empty, ledger.Publish())));

    public void Place(ClusterLedger ledger, IReadOnlyList<GangJob> waiting)
    {
        var planned = new PlannedCluster(ledger.Publish(), new LedgerOptions(), Resolver, _ => strategy);
        var full = new HashSet<PodShape>();
        foreach (var job in waiting)
        {
            var pod = job.Pod(0, asGang: false);
            while (job.Nodes.Count < job.Pods && !full.Contains(pod.Shape))
            {
                if (planned.PlaceBest(pod.Shape) is { } node)
                {
                    ledger.UpsertPod(job.Pod(job.Nodes.Count, asGang: false) with { NodeName = node });
                    job.Nodes.Add(node);
                }
                else
                {
                    full.Add(pod.Shape);
                }
            }
        }
    }
}
