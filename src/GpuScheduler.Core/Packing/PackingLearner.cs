using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Keeps a policy's strategy in step with the workload and the cluster. The writer tells it of every pod that comes and goes and asks for
/// <see cref="Current"/> after each publication; tables are built when enough has been learned since, which is soon after a cold start
/// and every few hundred pods later. Not thread-safe; the strategies it makes are immutable.
/// </summary>
public sealed class PackingLearner
{
    /// <summary>Arrivals after which tables are built anew at the latest.</summary>
    public const int MaxArrivalsBetweenBuilds = 400;

    /// <summary>Events (arrivals and departures) after which the strategy is fitted to how full the cluster is.</summary>
    public const int EventsBetweenRefreshes = 25;

    private readonly IPackingPolicy _policy;
    private readonly WorkloadHistogram? _histogram;
    private readonly WorkloadMix _known;
    private long _arrivals;
    private long _builtAt = long.MinValue;
    private int _events;
    private SnapshotTables? _builtFor;
    private int _nodes = -1;
    private PackingStrategy? _strategy;
    private volatile PackingSummary _summary = PackingSummary.Empty;

    /// <summary>Learns the workload from the pods it is told of.</summary>
    public PackingLearner(IPackingPolicy policy, WorkloadHistogram histogram)
    {
        _policy = policy;
        _histogram = histogram;
        _known = WorkloadMix.Empty;
    }

    /// <summary>Works with a workload that is known in advance.</summary>
    public PackingLearner(IPackingPolicy policy, WorkloadMix known)
    {
        _policy = policy;
        _known = known;
    }

    /// <summary>What was learned; null when the workload is known in advance.</summary>
    public WorkloadHistogram? Histogram => _histogram;

    /// <summary>
    /// What was learned, for metrics: replaced with every build of tables, and safe to read from any thread. A gauge per entry of
    /// <see cref="PackingSummary.Top"/>, labelled with the shape, stays within <see cref="PackingSummary.MaxTop"/> series at a time.
    /// </summary>
    public PackingSummary Summary => _summary;

    /// <summary>How often tables were built.</summary>
    public int Builds { get; private set; }

    /// <summary>A pod came: the first time its UID is seen, whether or not it finds a place.</summary>
    public void Arrive(PodShape shape)
    {
        _histogram?.Arrive(shape);
        _arrivals++;
        _events++;
    }

    /// <summary>A pod that had a place left it.</summary>
    public void Depart()
    {
        _histogram?.Depart();
        _events++;
    }

    /// <summary>The strategy for this snapshot; the same instance as long as no score would change.</summary>
    public PackingStrategy Current(ClusterSnapshot cluster)
    {
        if (_strategy is null || IsBuildDue(cluster))
        {
            var workload = _histogram?.ToMix() ?? _known;
            _strategy = _policy.Build(MemoryShares.InThousandths(workload, cluster), cluster);
            Builds++;
            _summary = PackingSummary.Of(workload, Builds);
            _builtAt = _arrivals;
            _builtFor = cluster.Tables;
            _nodes = cluster.NodeCount;
            _events = 0;
        }
        else if (_events >= EventsBetweenRefreshes)
        {
            _strategy = _policy.Refresh(_strategy, cluster);
            _events = 0;
        }

        return _strategy;
    }

    private bool IsBuildDue(ClusterSnapshot cluster)
    {
        if (cluster.NodeCount != _nodes || !ReferenceEquals(cluster.Tables.Models, _builtFor!.Models)) return true;
        if (_histogram is null || !_policy.UsesWorkload) return false;
        // After 1, 2, 3, 4, 5, 6, 8, 10, ... pods: a quarter more than the last tables knew.
        return _arrivals - _builtAt >= Math.Clamp(_builtAt / 4, 1, MaxArrivalsBetweenBuilds);
    }
}
