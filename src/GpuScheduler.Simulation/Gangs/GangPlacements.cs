using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>Places the pods of waiting jobs in a ledger of its own.</summary>
internal interface IGangPlacement
{
    /// <summary>What it is called in the table.</summary>
    string Name { get; }

    /// <summary>Who holds what.</summary>
    ClusterLedger Ledger { get; }

    /// <summary>Whether pods say that they belong together.</summary>
    bool KnowsGangs { get; }

    /// <summary>Places what it can, oldest job first; a placed pod is in the ledger and in its job's <see cref="GangJob.Nodes"/>.</summary>
    /// <param name="waiting">The jobs with pods that wait.</param>
    /// <param name="newcomer">The one that has just come, when nothing else happened; null when something became free.</param>
    /// <param name="hours">The time.</param>
    void Place(IReadOnlyList<GangJob> waiting, GangJob? newcomer, double hours);
}

/// <summary>The service's own: whole gangs as planned, single pods by residual value beside them.</summary>
internal sealed class PlannedGangs : IGangPlacement
{
    private static readonly ScoringResolver Resolver = new(GpuResourceCatalog.Default);

    private readonly LedgerOptions _options;
    private readonly PackingLearner _learner;
    private readonly GangPlans _plans;
    private readonly GangReserving _reserving;
    private PackingStrategy? _strategy;

    public PlannedGangs(string name, ResidualValueOptions packing, double reserveAfterHours)
    {
        Name = name;
        _learner = new PackingLearner(PackingPolicies.Find(ResidualValueStrategy.PolicyName, packing)!, new WorkloadHistogram());
        _options = new LedgerOptions
        {
            PodArrived = _learner.Arrive,
            PodDeparted = _learner.Depart,
            ChooseDevices = (page, row, shape) => _strategy!.ChooseDevices(page, row, shape),
        };
        Ledger = new ClusterLedger(_options);
        _plans = new GangPlans(_options);
        _reserving = new GangReserving(_plans, _options, TimeSpan.FromHours(reserveAfterHours));
    }

    public string Name { get; }

    public ClusterLedger Ledger { get; }

    public bool KnowsGangs => true;

    public void Place(IReadOnlyList<GangJob> waiting, GangJob? newcomer, double hours)
    {
        _strategy = _learner.Current(Ledger.Publish());
        if (newcomer is null or { IsGang: true })
        {
            Ledger.KeepFor(_reserving.Next(Ledger.Publish(), DateTimeOffset.UnixEpoch.AddHours(hours)));
            PlaceGangs(waiting);
        }

        // A gang that comes makes no room for single pods; a single pod that comes leaves the others as they were.
        if (newcomer is not { IsGang: true }) PlaceSingles(newcomer is null ? waiting : [newcomer]);
    }

    private void PlaceGangs(IReadOnlyList<GangJob> waiting)
    {
        foreach (var job in waiting)
        {
            // The newest plan: a gang that starts may end a reservation, and others then go first.
            if (!job.IsGang || _plans.Of(Ledger.Publish(), new GangKey("gang", "default", job.Name)) is not { Fits: true } plan) continue;
            foreach (var pod in plan.Gang.Waiting) Assume(job, pod, plan.Places[plan.PlaceOf(pod.Uid)].NodeName);
        }
    }

    private void PlaceSingles(IReadOnlyList<GangJob> waiting)
    {
        var strategy = new ClusterStrategy(_strategy!);
        var planned = new PlannedCluster(Ledger.Publish(), _options.ForTrial(), Resolver, _ => strategy);
        var full = new HashSet<PodShape>();
        foreach (var job in waiting)
        {
            if (job.IsGang || full.Contains(job.Shape)) continue;
            if (planned.PlaceBest(job.Shape) is { } node) Assume(job, job.Pod(0, saysGang: true), node);
            else full.Add(job.Shape);
        }
    }

    private void Assume(GangJob job, Pod pod, string node)
    {
        var outcome = Ledger.AssumeMember(pod, node, _plans.Of).Outcome;
        if (!outcome.IsPlaced) throw new InvalidOperationException($"{pod.Name} was planned for {node}, where it does not fit: {outcome.Reason}");
        job.Nodes.Add(node);
    }
}

/// <summary>Pod by pod to the best node, as kube-scheduler does; what is placed stays.</summary>
/// <param name="name">See <see cref="Name"/>.</param>
/// <param name="strategyFor">What makes a node good.</param>
internal sealed class PodByPod(string name, Func<ClusterLedger, IScoringStrategy> strategyFor) : IGangPlacement
{
    private static readonly ScoringResolver Resolver = new(GpuResourceCatalog.Default);

    private IScoringStrategy? _strategy;

    public string Name => name;

    public ClusterLedger Ledger { get; } = new();

    public bool KnowsGangs => false;

    public static PodByPod KubeScheduler() => new("one at a time, LeastAllocated", _ => new LeastAllocated(new ResourceWeights(1, 1, 0)));

    public static PodByPod BestFit() =>
        new("one at a time, BestFit", ledger => new ClusterStrategy(PackingPolicies.Find("BestFit")!.Build(WorkloadMix.Empty, ledger.Publish())));

    public void Place(IReadOnlyList<GangJob> waiting, GangJob? newcomer, double hours)
    {
        _strategy ??= strategyFor(Ledger);
        var planned = new PlannedCluster(Ledger.Publish(), new LedgerOptions(), Resolver, _ => _strategy);
        var full = new HashSet<PodShape>();
        foreach (var job in newcomer is null ? waiting : [newcomer])
        {
            while (job.Nodes.Count < job.Pods && !full.Contains(job.Shape))
            {
                if (planned.PlaceBest(job.Shape) is { } node)
                {
                    Ledger.Assume(job.Pod(job.Nodes.Count, saysGang: false), node);
                    job.Nodes.Add(node);
                }
                else
                {
                    full.Add(job.Shape);
                }
            }
        }
    }
}
