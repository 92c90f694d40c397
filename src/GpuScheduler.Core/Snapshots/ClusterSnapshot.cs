using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The whole cluster at one moment: columns of numbers in pages of <see cref="NodePage.RowCount"/> rows, and the tables that give the ids
/// in them their meaning. Never changes; everything a request does, it does on one snapshot.
/// </summary>
public sealed class ClusterSnapshot
{
    private readonly NodePage[] _pages;

    internal ClusterSnapshot(
        long generation, NodePage[] pages, NameIndex names, ResourceTable resources, StringTable models, TaintSets taints,
        TopologyLevels levels, StringTable domains)
    {
        Generation = generation;
        _pages = pages;
        Names = names;
        Resources = resources;
        Models = models;
        Taints = taints;
        Levels = levels;
        Domains = domains;
    }

    /// <summary>No nodes at all: the state before anything is known.</summary>
    public static ClusterSnapshot Empty { get; } =
        new(0, [], NameIndex.Empty, ResourceTable.Native, StringTable.Empty, TaintSets.Empty, TopologyLevels.Default, StringTable.Empty);

    /// <summary>Counts publications; a later snapshot has a greater one.</summary>
    public long Generation { get; }

    /// <summary>The pages, by row number.</summary>
    public ReadOnlySpan<NodePage> Pages => _pages;

    /// <summary>Finds nodes by name and lists them in row order.</summary>
    public NameIndex Names { get; }

    /// <summary>Slots of the resource columns.</summary>
    public ResourceTable Resources { get; }

    /// <summary>Ids of <see cref="NodePage.ModelId"/>.</summary>
    public StringTable Models { get; }

    /// <summary>Ids of <see cref="NodePage.TaintSetId"/>.</summary>
    public TaintSets Taints { get; }

    /// <summary>The levels of <see cref="NodePage.Domain"/>.</summary>
    public TopologyLevels Levels { get; }

    /// <summary>Ids of <see cref="NodePage.Domain"/>, shared by all levels.</summary>
    public StringTable Domains { get; }

    /// <summary>How many nodes there are.</summary>
    public int NodeCount => Names.Count;

    /// <summary>The page that holds a row.</summary>
    public NodePage PageOf(int row) => _pages[row >> NodePage.Shift];
}
