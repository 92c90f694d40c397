using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>Makes <see cref="ResidualValueStrategy"/> for a workload and keeps it up to date with how full the cluster is.</summary>
internal sealed class ResidualValuePolicy(ResidualValueOptions options) : IPackingPolicy
{
    public string Name => ResidualValueStrategy.PolicyName;

    public bool UsesWorkload => true;

    public PackingStrategy Build(WorkloadMix workload, ClusterSnapshot cluster)
    {
        var models = cluster.Tables.Models;
        workload = workload.WithPrior(WholeNodes.Of(cluster, options.PriorFill), options.PriorPods);
        var prices = ShadowPrices.For(cluster, workload, options);
        return new ResidualValueStrategy(
            options,
            workload,
            ResidualValueTables.Build(workload, models, prices, options),
            Reservations.Of(workload, models, prices),
            ModelScarcity.Of(workload, models)).Refresh(cluster);
    }

    public PackingStrategy Refresh(PackingStrategy current, ClusterSnapshot cluster) => ((ResidualValueStrategy)current).Refresh(cluster);
}
