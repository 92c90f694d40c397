namespace GpuScheduler.Core.Packing;

/// <summary>All packing policies by name.</summary>
public static class PackingPolicies
{
    /// <summary>Every name, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        ResidualValueStrategy.PolicyName, FgdStrategy.PolicyName, BestFitStrategy.PolicyName, DotProductStrategy.PolicyName,
        GpuPackingStrategy.PolicyName, GpuClusteringStrategy.PolicyName, RandomStrategy.PolicyName,
    ];

    /// <summary>The policy of a name, case-insensitively; null when there is none.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Constants of <see cref="ResidualValueStrategy"/>; null for the defaults.</param>
    /// <param name="random">Where <c>Random</c> draws from; null for the process-wide source.</param>
    public static IPackingPolicy? Find(string name, ResidualValueOptions? options = null, Random? random = null) => name.ToUpperInvariant() switch
    {
        "RESIDUALVALUE" => new ResidualValuePolicy(options ?? new ResidualValueOptions()),
        "FGD" => new FgdPolicy(),
        "BESTFIT" => new FixedPolicy(BestFitStrategy.PolicyName, cluster => new BestFitStrategy(LargestNode.Of(cluster))),
        "DOTPRODUCT" => new FixedPolicy(DotProductStrategy.PolicyName, cluster => new DotProductStrategy(LargestNode.Of(cluster))),
        "GPUPACKING" => new FixedPolicy(GpuPackingStrategy.PolicyName, _ => new GpuPackingStrategy()),
        "GPUCLUSTERING" => new FixedPolicy(GpuClusteringStrategy.PolicyName, cluster => new GpuClusteringStrategy(LargestNode.Of(cluster))),
        "RANDOM" => new FixedPolicy(RandomStrategy.PolicyName, _ => new RandomStrategy(random ?? Random.Shared)),
        _ => null,
    };
}
