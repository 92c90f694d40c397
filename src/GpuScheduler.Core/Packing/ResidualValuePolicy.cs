using GpuScheduler.Core.Objects;
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
        // Of models only what was seen counts: pods nobody has seen ask for none.
        var scarcity = ModelScarcity.Of(workload, models);
        var wholeNodes = WholeNodes.Of(cluster, options.PriorFill);
        workload = workload.WithPrior(wholeNodes, PriorPods(wholeNodes, cluster));
        var prices = ShadowPrices.For(cluster, workload, options);
        return new ResidualValueStrategy(
            options,
            workload,
            ResidualValueTables.Build(workload, models, prices, Patience.Of(workload, cluster, options), options),
            Reservations.Of(workload, models, prices),
            scarcity).Refresh(cluster);
    }

    public PackingStrategy Refresh(PackingStrategy current, ClusterSnapshot cluster) => ((ResidualValueStrategy)current).Refresh(cluster);

    private double PriorPods(IReadOnlyCollection<PodShape> wholeNodes, ClusterSnapshot cluster)
    {
        var gpus = wholeNodes.Sum(shape => shape.Gpu.Count);
        return gpus == 0 ? 0 : Math.Min(options.PriorPods, options.PriorShare * GpuTotals.Count(cluster) / gpus);
    }
}
