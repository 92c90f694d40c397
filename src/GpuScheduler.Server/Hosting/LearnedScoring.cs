using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Server.Metrics;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// Scores with a packing policy that learns from the pods it sees, and pods that ask for nothing but MIG slices with
/// <see cref="MigStrategy"/>, which learns too. The writer builds its tables before it publishes the snapshot they belong to;
/// calls only read the strategy in force.
/// </summary>
internal sealed class LearnedScoring(IPackingPolicy policy, MigCatalog geometries, GpuResourceCatalog resources, TimeProvider time, PackingMetrics metrics)
    : IScoringPolicy, ISnapshotStage
{
    private readonly PackingLearner _learner = new(policy, new WorkloadHistogram());
    private readonly MigLearner _migLearner = new(geometries, resources);
    private volatile MigStrategy? _mig;
    private volatile ClusterStrategy _current = new(policy.Build(WorkloadMix.Empty, ClusterSnapshot.Empty));

    /// <summary>A pod came; the writer tells.</summary>
    public void Arrive(PodShape shape)
    {
        _learner.Arrive(shape);
        _migLearner.Arrive(shape);
    }

    /// <summary>A pod left its place; the writer tells.</summary>
    public void Depart() => _learner.Depart();

    /// <summary>Chooses devices as the strategy in force means them.</summary>
    public uint ChooseDevices(NodePage page, int rowInPage, PodShape shape) => _current.Packing.ChooseDevices(page, rowInPage, shape);

    /// <summary>Values by which GPU and start of MIG instances are chosen.</summary>
    public MigValues ValuesOf(MigGeometry geometry) => _mig?.ValuesOf(geometry) ?? geometry.NeutralValues;

    public void Prepare(ClusterSnapshot snapshot)
    {
        _mig = _migLearner.Current(snapshot);
        var (builds, begun) = (_learner.Builds, time.GetTimestamp());
        var strategy = _learner.Current(snapshot);
        if (_learner.Builds != builds) metrics.Built(time.GetElapsedTime(begun), _learner.Summary);
        if (!ReferenceEquals(strategy, _current.Packing)) _current = new ClusterStrategy(strategy);
    }

    /// <summary>Scores that are not repeatable must not be kept: they are those of a new instance every time.</summary>
    public IScoringStrategy StrategyFor(PodShape shape) =>
        _mig is { } mig && shape.Gpu.IsNone && !shape.Mig.IsEmpty ? mig : _current.Packing.IsCacheable ? _current : new ClusterStrategy(_current.Packing);
}
