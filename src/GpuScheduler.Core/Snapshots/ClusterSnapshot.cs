using GpuScheduler.Core.Gangs;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The whole cluster at one moment: columns of numbers in pages of <see cref="NodePage.RowCount"/> rows, and the tables that give the ids
/// in them their meaning. Never changes; everything a request does, it does on one snapshot.
/// </summary>
public sealed class ClusterSnapshot
{
    private readonly NodePage[] _pages;

    internal ClusterSnapshot(long generation, NodePage[] pages, NameIndex names, SnapshotTables tables, GangIndex? gangs = null, DomainCapacity? domains = null)
    {
        Generation = generation;
        _pages = pages;
        Names = names;
        Tables = tables;
        Gangs = gangs ?? GangIndex.Empty;
        Domains = domains ?? DomainCapacity.Empty;
    }

    /// <summary>No nodes at all: the state before anything is known.</summary>
    public static ClusterSnapshot Empty { get; } = new(0, [], NameIndex.Empty, SnapshotTables.For(TopologyLevels.Default));

    /// <summary>Counts publications; a later snapshot has a greater one.</summary>
    public long Generation { get; }

    /// <summary>The pages, by row number.</summary>
    public ReadOnlySpan<NodePage> Pages => _pages;

    /// <summary>Finds nodes by name and lists them in row order.</summary>
    public NameIndex Names { get; }

    /// <summary>What the ids in the columns mean.</summary>
    public SnapshotTables Tables { get; }

    /// <summary>The gangs, with the pods of theirs that wait.</summary>
    public GangIndex Gangs { get; }

    /// <summary>The nodes that are kept for a gang that has waited long; null when none are.</summary>
    public GangReservation? Reservation { get; internal init; }

    /// <summary>Whether pods of a gang may go to the nodes that are kept: those of the gang they are kept for, and of gangs before it.</summary>
    public bool MayUseKept(Gang gang) => Reservation is { } kept
        && (kept.Key == gang.Key || (Gangs.Find(kept.Key) is { } holder && GangOrder.Instance.Compare(gang, holder) < 0));

    /// <summary>What every topology domain has, and has free; by the ids of <see cref="SnapshotTables.Domains"/>.</summary>
    public DomainCapacity Domains { get; }

    /// <summary>How many nodes there are.</summary>
    public int NodeCount => Names.Count;

    /// <summary>The page that holds a row.</summary>
    public NodePage PageOf(int row) => _pages[row >> NodePage.Shift];
}
