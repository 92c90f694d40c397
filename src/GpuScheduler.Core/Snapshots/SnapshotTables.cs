using System.Collections.Immutable;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Snapshots;

/// <summary>The tables that give the ids in the columns their meaning. Immutable; ids keep their meaning in every later version.</summary>
/// <param name="Resources">Slots of the resource columns.</param>
/// <param name="Models">Ids of <see cref="NodePage.ModelId"/>.</param>
/// <param name="Taints">Ids of <see cref="NodePage.TaintSetId"/>.</param>
/// <param name="Levels">The levels of <see cref="NodePage.Domain"/>.</param>
/// <param name="Domains">Ids of <see cref="NodePage.Domain"/> and <see cref="DomainCapacity"/>, shared by all levels.</param>
public sealed record SnapshotTables(ResourceTable Resources, StringTable Models, TaintSets Taints, TopologyLevels Levels, DomainTable Domains)
{
    /// <summary>Tables of an empty cluster with the given topology levels.</summary>
    public static SnapshotTables For(TopologyLevels levels) =>
        new(ResourceTable.Native, StringTable.Empty, TaintSets.Empty, levels, DomainTable.Empty);

    /// <summary>Ids of <see cref="NodePage.MigGeometryId"/>, less one.</summary>
    public ImmutableArray<MigGeometry> MigGeometries { get; init; } = [];

    /// <summary>What pods are told on nodes that are kept for a gang.</summary>
    public StringTable Reservations { get; init; } = StringTable.Empty;

    /// <summary>The text that goes with a value of <see cref="NodePage.GpuClosed"/>.</summary>
    internal string ReservationOf(int closed) => Reservations[closed >> NodePage.ReservationShift];

    internal SnapshotTables WithGeometry(MigGeometry geometry) =>
        MigGeometries.Contains(geometry) ? this : this with { MigGeometries = MigGeometries.Add(geometry) };

    internal SnapshotTables WithResources(params ReadOnlySpan<ResourceAmount> amounts)
    {
        var resources = Resources;
        foreach (var amount in amounts) resources = resources.With(amount.Name);
        return ReferenceEquals(resources, Resources) ? this : this with { Resources = resources };
    }
}
