namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Allocation and fragmentation over arrived demand. Column X is the mean over the arrivals after which the demand so far, lost pods
/// included, rounds to X % of the cluster's GPUs: as the published analysis averages.
/// </summary>
internal sealed class ReplayCurves(long clusterGpuMilli)
{
    private readonly List<(double Allocated, double Fragmented, int Count)> _columns = [(0, 0, 0)];
    private long _arrivedMilli;

    /// <summary>GPU allocation in % of the cluster by column.</summary>
    public IReadOnlyList<double> Allocated => Means(column => column.Allocated);

    /// <summary>Expected unusable GPUs in % of the cluster by column.</summary>
    public IReadOnlyList<double> Fragmented => Means(column => column.Fragmented);

    public void Arrive(int gpuMilli, long usedMilli, double fragmentedMilli)
    {
        _arrivedMilli += gpuMilli;
        var at = (int)Math.Round(100.0 * _arrivedMilli / clusterGpuMilli, MidpointRounding.AwayFromZero);
        while (_columns.Count <= at) _columns.Add((0, 0, 0));
        var (allocated, fragmented, count) = _columns[at];
        _columns[at] = (allocated + usedMilli, fragmented + fragmentedMilli, count + 1);
    }

    private double[] Means(Func<(double Allocated, double Fragmented, int Count), double> sum)
    {
        var means = new double[_columns.Count];
        for (var at = 0; at < means.Length; at++)
        {
            // A column that one big pod jumped over repeats the one before.
            means[at] = _columns[at].Count > 0 ? 100 * sum(_columns[at]) / _columns[at].Count / clusterGpuMilli : at > 0 ? means[at - 1] : 0;
        }

        return means;
    }
}
