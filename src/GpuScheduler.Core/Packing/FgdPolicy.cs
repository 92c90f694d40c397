using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>Makes <see cref="FgdStrategy"/> for a workload.</summary>
internal sealed class FgdPolicy : IPackingPolicy
{
    public string Name => FgdStrategy.PolicyName;

    public bool UsesWorkload => true;

    public PackingStrategy Build(WorkloadMix workload, ClusterSnapshot cluster) =>
        new FgdStrategy(TypicalShapes.Of(workload, cluster.Tables.Models));
}
