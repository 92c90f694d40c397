using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Learns the workload from the pods seen: a count per shape in which older pods weigh less. Bounded: when a new shape finds no room the
/// lightest one is forgotten. Not thread-safe; the one writer owns it and takes a <see cref="WorkloadMix"/> when tables are rebuilt.
/// </summary>
/// <remarks>Age is counted in arrivals, not in time: a cluster at rest forgets nothing.</remarks>
public sealed class WorkloadHistogram
{
    /// <summary>Shapes remembered at most. The traces of a production cluster have up to 460.</summary>
    public const int DefaultCapacity = 1024;

    /// <summary>Arrivals after which a pod weighs half. Long against the noise of rare big pods, short against a change of the workload.</summary>
    public const double DefaultHalfLife = 16_384;

    private const double Rescale = 1e100;

    private readonly Dictionary<PodShape, double> _weights = [];
    private readonly int _capacity;
    private readonly double _growth;
    private double _next = 1;
    private double _arrivals;
    private double _departures;

    /// <summary>An empty histogram.</summary>
    /// <param name="capacity">Shapes remembered at most; at least 1.</param>
    /// <param name="halfLife">Arrivals after which a pod weighs half; positive.</param>
    public WorkloadHistogram(int capacity = DefaultCapacity, double halfLife = DefaultHalfLife)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(halfLife);
        _capacity = capacity;
        _growth = Math.Pow(2, 1 / halfLife);
    }

    /// <summary>How many shapes are remembered.</summary>
    public int Count => _weights.Count;

    /// <summary>Pods seen so far, forgotten ones included.</summary>
    public long Arrivals { get; private set; }

    /// <summary>Pods seen to leave so far.</summary>
    public long Departures { get; private set; }

    /// <summary>Counts a pod that came; call it once per pod, whether or not it finds a place.</summary>
    public void Arrive(PodShape shape)
    {
        if (!_weights.TryGetValue(shape, out var weight) && _weights.Count >= _capacity) ForgetLightest();
        _weights[shape] = weight + _next;
        _arrivals += _next;
        Arrivals++;
        _next *= _growth;
        if (_next > Rescale) ScaleDown();
    }

    /// <summary>Counts a pod that had a place and left it.</summary>
    public void Depart()
    {
        _departures += _next;
        Departures++;
    }

    /// <summary>What is known now.</summary>
    public WorkloadMix ToMix() => WorkloadMix.FromWeights(_weights, _arrivals > 0 ? _departures / _arrivals : 0, _arrivals / _next);

    private void ForgetLightest()
    {
        var lightest = _weights.MinBy(pair => (pair.Value, pair.Key.ToString()));
        _weights.Remove(lightest.Key);
    }

    private void ScaleDown()
    {
        foreach (var shape in _weights.Keys.ToArray()) _weights[shape] /= _next;
        _arrivals /= _next;
        _departures /= _next;
        _next = 1;
    }
}
