using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// What every topology domain has and has free, kept by the writer as pods and nodes come and go: columns by domain id (<see cref="DomainTable"/>), in
/// pages of <see cref="PageSize"/> domains that a later snapshot shares as long as nothing in them changes. Counted are GPUs that pods are given one by one
/// (<see cref="NodePage.GpuCount"/>). Immutable.
/// </summary>
public sealed class DomainCapacity
{
    /// <summary>Domains in a page.</summary>
    internal const int PageSize = 8;

    // The columns of a page, one behind the other.
    internal const int Nodes = 0;
    internal const int Gpus = 1;
    internal const int FreeMilli = 2;
    internal const int ByFree = 3;
    internal const int Columns = ByFree + NodePage.MaxDevices + 1;

    private readonly int[][] _pages;

    internal DomainCapacity(int[][] pages) => _pages = pages;

    /// <summary>No nodes.</summary>
    public static DomainCapacity Empty { get; } = new([]);

    internal ReadOnlySpan<int[]> Pages => _pages;

    /// <summary>Nodes in a domain, those without GPUs included.</summary>
    public int NodesOf(int domain) => At(domain, Nodes);

    /// <summary>GPUs in a domain.</summary>
    public int GpusOf(int domain) => At(domain, Gpus);

    /// <summary>Free thousandths of GPUs in a domain.</summary>
    public int FreeMilliOf(int domain) => At(domain, FreeMilli);

    /// <summary>GPUs of a domain of which nothing is used.</summary>
    public int FreeGpusOf(int domain)
    {
        var sum = 0;
        for (var free = 1; free <= NodePage.MaxDevices; free++) sum += free * NodesWith(domain, free);
        return sum;
    }

    /// <summary>Nodes of a domain that have GPUs, and so many of them wholly free.</summary>
    public int NodesWith(int domain, int freeGpus) => At(domain, ByFree + freeGpus);

    /// <summary>Nothing in the domain is used.</summary>
    public bool IsWhole(int domain) => GpusOf(domain) > 0 && FreeMilliOf(domain) == GpusOf(domain) * GpuDemand.WholeMilli;

    /// <summary>
    /// How many pods with so many whole GPUs each the GPUs of a domain have room for: never fewer than really fit, because nothing else is looked at.
    /// <see cref="int.MaxValue"/> where nodes have no GPUs that are told apart, which then might take any number.
    /// </summary>
    public int RoomFor(int domain, int gpusPerPod)
    {
        var (room, nodes) = (0, 0);
        for (var free = 0; free <= NodePage.MaxDevices; free++)
        {
            var count = NodesWith(domain, free);
            nodes += count;
            room += count * (free / gpusPerPod);
        }

        return nodes == NodesOf(domain) ? room : int.MaxValue;
    }

    /// <summary>The same numbers counted anew from the rows of a snapshot; what is kept is always equal to it.</summary>
    public static DomainCapacity Recount(ClusterSnapshot snapshot)
    {
        var counted = new Ledger.WorkingDomains();
        foreach (var page in snapshot.Pages)
        {
            for (var at = 0; at < NodePage.RowCount; at++)
            {
                if (page.Node(at) is null) continue;
                counted.Join(DomainTable.Cluster, NodeGpus.Of(page, at));
                for (var level = 0; level < snapshot.Tables.Levels.Keys.Count; level++)
                {
                    if (page.Domain(level)[at] is > 0 and var domain) counted.Join(domain, NodeGpus.Of(page, at));
                }
            }
        }

        return counted.Publish();
    }

    /// <summary>The domains whose numbers differ from those of another; both may have pages that the other lacks, as long as they are zero.</summary>
    public IReadOnlyList<int> DifferencesFrom(DomainCapacity other)
    {
        var different = new List<int>();
        for (var domain = 0; domain < Math.Max(_pages.Length, other._pages.Length) * PageSize; domain++)
        {
            for (var column = 0; column < Columns; column++)
            {
                if (At(domain, column) == other.At(domain, column)) continue;
                different.Add(domain);
                break;
            }
        }

        return different;
    }

    private int At(int domain, int column) =>
        domain / PageSize < _pages.Length ? _pages[domain / PageSize][(column * PageSize) + (domain % PageSize)] : 0;
}

/// <summary>What one node brings to its domains.</summary>
/// <param name="Count">GPUs it has.</param>
/// <param name="WholeFree">Those of which nothing is used.</param>
/// <param name="FreeMilli">Free thousandths.</param>
internal readonly record struct NodeGpus(int Count, int WholeFree, int FreeMilli)
{
    public static NodeGpus Of(NodePage page, int rowInPage) => new(page.GpuCount[rowInPage], page.GpuWholeFree[rowInPage], page.GpuFreeMilli[rowInPage]);
}
