using GpuScheduler.Core.Objects;

namespace GpuScheduler.Simulation.Replays;

/// <summary>Counts arrivals and those that found no place.</summary>
internal sealed class LostPods
{
    private readonly Dictionary<PodShape, int> _lost = [];
    private long _arrivedMilli;
    private long _lostMilli;

    public int Arrived { get; private set; }

    public IReadOnlyDictionary<string, int> ByKind => Sum(shape => KindOf(shape.Gpu));

    public IReadOnlyDictionary<string, int> ByShape => Sum(shape => shape.ToString());

    public double LostDemand => _arrivedMilli == 0 ? 0 : 100.0 * _lostMilli / _arrivedMilli;

    public static string KindOf(GpuDemand demand) => demand.IsNone ? "cpu" : demand.IsShare ? "share" : $"{demand.Count} gpu";

    public void Count(PodShape shape, bool isLost)
    {
        Arrived++;
        _arrivedMilli += shape.Gpu.TotalMilli;
        if (!isLost) return;
        _lost[shape] = _lost.GetValueOrDefault(shape) + 1;
        _lostMilli += shape.Gpu.TotalMilli;
    }

    private SortedDictionary<string, int> Sum(Func<PodShape, string> name)
    {
        var sums = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (shape, count) in _lost) sums[name(shape)] = sums.GetValueOrDefault(name(shape)) + count;
        return sums;
    }
}
