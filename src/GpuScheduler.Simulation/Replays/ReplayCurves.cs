using GpuScheduler.Core.Objects;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Allocation and fragmentation over arrived demand. Column X is the mean over the arrivals after which the demand so far, lost pods
/// included, rounds to X % of the cluster's GPUs: as the published analysis averages.
/// </summary>
internal sealed class ReplayCurves(long clusterGpuMilli)
{
    private readonly List<(double Allocated, double Fragmented, int Count)> _columns = [];
    private readonly Dictionary<PodShape, int> _failed = [];
    private long _arrivedMilli;

    /// <summary>Pods that found no place, by shape.</summary>
    public IReadOnlyDictionary<PodShape, int> Failed => _failed;

    /// <summary>GPU allocation in % of the cluster by column.</summary>
    public IReadOnlyList<double> Allocated => [.. _columns.Select(column => 100.0 * column.Allocated / column.Count / clusterGpuMilli)];

    /// <summary>Expected unusable GPUs in % of the cluster by column.</summary>
    public IReadOnlyList<double> Fragmented => [.. _columns.Select(column => 100.0 * column.Fragmented / column.Count / clusterGpuMilli)];

    public void Fail(PodShape shape) => _failed[shape] = _failed.GetValueOrDefault(shape) + 1;

    public void Arrive(PodShape shape, long usedMilli, double fragmentedMilli)
    {
        _arrivedMilli += shape.Gpu.TotalMilli;
        var column = (int)Math.Round(100.0 * _arrivedMilli / clusterGpuMilli, MidpointRounding.AwayFromZero);
        // A column that one big pod jumped over repeats the one before.
        while (_columns.Count < column) _columns.Add(_columns.Count == 0 ? (0, 0, 1) : _columns[^1]);
        if (_columns.Count == column) _columns.Add((0, 0, 0));
        var (allocated, fragmented, count) = _columns[column];
        _columns[column] = (allocated + usedMilli, fragmented + fragmentedMilli, count + 1);
    }
}
