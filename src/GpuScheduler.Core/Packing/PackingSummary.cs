namespace GpuScheduler.Core.Packing;

/// <summary>What a <see cref="PackingLearner"/> knew of the workload when it last built its tables. Immutable.</summary>
/// <param name="Top">The most frequent shapes, the most frequent first, at most <see cref="MaxTop"/>; their weights are pods, older ones less.</param>
/// <param name="Shapes">How many shapes are known.</param>
/// <param name="Observations">Pods that the frequencies rest on, older ones less; infinite for a workload known in advance.</param>
/// <param name="DeparturesPerArrival">Pods that left per pod that came, 0..1.</param>
/// <param name="MeanGpuMilli">Mean thousandths of a GPU per pod.</param>
/// <param name="Builds">Times tables were built.</param>
public sealed record PackingSummary(
    IReadOnlyList<WorkloadShare> Top, int Shapes, double Observations, double DeparturesPerArrival, double MeanGpuMilli, int Builds)
{
    /// <summary>Shapes in <see cref="Top"/> at most.</summary>
    public const int MaxTop = 16;

    /// <summary>Nothing was learned and nothing built.</summary>
    public static PackingSummary Empty { get; } = Of(WorkloadMix.Empty, 0);

    /// <summary>The summary of a workload.</summary>
    internal static PackingSummary Of(WorkloadMix workload, int builds)
    {
        var shares = workload.Shares;
        return new PackingSummary(
            shares[..Math.Min(MaxTop, shares.Length)].ToArray(), shares.Length, workload.Observations, workload.DeparturesPerArrival, workload.MeanGpuMilli, builds);
    }
}
