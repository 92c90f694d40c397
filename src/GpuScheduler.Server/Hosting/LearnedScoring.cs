using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// Scores with a packing policy that learns from the pods it sees. The writer builds its tables before it publishes the snapshot they belong to;
/// calls only read the strategy in force.
/// </summary>
internal sealed class LearnedScoring(IPackingPolicy policy) : IScoringPolicy, ISnapshotStage
{
    private readonly PackingLearner _learner = new(policy, new WorkloadHistogram());
    private volatile ClusterStrategy _current = new(policy.Build(WorkloadMix.Empty, ClusterSnapshot.Empty));

    /// <summary>A pod came; the writer tells.</summary>
    public void Arrive(PodShape shape) => _learner.Arrive(shape);

    /// <summary>A pod left its place; the writer tells.</summary>
    public void Depart() => _learner.Depart();

    /// <summary>Chooses devices as the strategy in force means them.</summary>
    public uint ChooseDevices(NodePage page, int rowInPage, PodShape shape) => _current.Packing.ChooseDevices(page, rowInPage, shape);

    public void Prepare(ClusterSnapshot snapshot)
    {
        var strategy = _learner.Current(snapshot);
        if (!ReferenceEquals(strategy, _current.Packing)) _current = new ClusterStrategy(strategy);
    }

    /// <summary>Scores that are not repeatable must not be kept: they are those of a new instance every time.</summary>
    public IScoringStrategy StrategyFor(PodShape shape) => _current.Packing.IsCacheable ? _current : new ClusterStrategy(_current.Packing);
}
