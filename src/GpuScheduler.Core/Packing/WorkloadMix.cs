using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// What arrives at a cluster, as far as packing cares: which shapes, how often, and whether pods leave again. Immutable; taken from a
/// <see cref="WorkloadHistogram"/> or counted over a list of pods.
/// </summary>
public sealed class WorkloadMix
{
    private readonly WorkloadShare[] _shares;

    private WorkloadMix(WorkloadShare[] shares, double departuresPerArrival, double observations)
    {
        _shares = shares;
        DeparturesPerArrival = departuresPerArrival;
        Observations = observations;
        double several = 0;
        foreach (var (shape, share) in shares)
        {
            MeanGpuMilli += share * shape.Gpu.TotalMilli;
            if (shape.Gpu.Count > 1) several += share * shape.Gpu.TotalMilli;
        }

        SeveralGpuShare = MeanGpuMilli > 0 ? several / MeanGpuMilli : 0;
    }

    /// <summary>Nothing is known.</summary>
    public static WorkloadMix Empty { get; } = new([], 0, 0);

    /// <summary>Shapes and their frequencies, the most frequent first; the frequencies sum to 1 (or there are none).</summary>
    public ReadOnlySpan<WorkloadShare> Shares => _shares;

    /// <summary>Pods that left per pod that came, 0..1: 0 while a cluster only fills, 1 in a steady state.</summary>
    public double DeparturesPerArrival { get; }

    /// <summary>How many pods the frequencies rest on; infinite for a workload that is known and not learned.</summary>
    public double Observations { get; }

    /// <summary>Mean thousandths of a GPU per pod, CPU-only pods included.</summary>
    public double MeanGpuMilli { get; }

    /// <summary>Fraction of the GPU demand that comes from pods of more than one GPU, 0..1.</summary>
    public double SeveralGpuShare { get; }

    /// <summary>Counts a list of pods.</summary>
    public static WorkloadMix Count(IEnumerable<PodShape> pods)
    {
        var counts = new Dictionary<PodShape, double>();
        foreach (var shape in pods) counts[shape] = counts.GetValueOrDefault(shape) + 1;
        return FromWeights(counts, 0, double.PositiveInfinity);
    }

    /// <summary>This mix after as many more pods of each of the given shapes had been seen.</summary>
    internal WorkloadMix WithPrior(IReadOnlyCollection<PodShape> shapes, double count)
    {
        if (double.IsPositiveInfinity(Observations) || count <= 0 || shapes.Count == 0) return this;
        var weights = _shares.ToDictionary(entry => entry.Shape, entry => entry.Share * Observations);
        foreach (var shape in shapes) weights[shape] = weights.GetValueOrDefault(shape) + count;
        return FromWeights(weights, DeparturesPerArrival, Observations + (count * shapes.Count));
    }

    /// <summary>Normalises weights; the order of the result depends on the content only, never on the order of insertion.</summary>
    internal static WorkloadMix FromWeights(IEnumerable<KeyValuePair<PodShape, double>> weights, double departuresPerArrival, double observations)
    {
        var sorted = weights.Where(pair => pair.Value > 0)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.ToString(), StringComparer.Ordinal).ToArray();
        var total = sorted.Sum(pair => pair.Value);
        return total <= 0 ? Empty
            : new WorkloadMix([.. sorted.Select(pair => new WorkloadShare(pair.Key, pair.Value / total) { Weight = pair.Value })], Math.Clamp(departuresPerArrival, 0, 1), observations);
    }
}

/// <summary>A shape and the fraction of arriving pods that have it.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Share">0..1.</param>
public readonly record struct WorkloadShare(PodShape Shape, double Share)
{
    /// <summary>What <see cref="Share"/> is a fraction of the sum of: the pods counted, older ones less.</summary>
    public double Weight { get; init; }
}
