using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// The topology levels of a snapshot that nodes have labels of, farthest first; the innermost level is the node itself, and level -1 the whole
/// cluster. Domains are the ids of <see cref="DomainTable"/>.
/// </summary>
internal sealed class TopologyTree
{
    private readonly ClusterSnapshot _snapshot;
    private readonly int[] _columns;
    private readonly List<int>[] _domains;

    public TopologyTree(ClusterSnapshot snapshot)
    {
        _snapshot = snapshot;
        var keys = snapshot.Tables.Levels.Keys;
        var ofLevel = new List<int>[keys.Count];
        for (var level = 0; level < ofLevel.Length; level++) ofLevel[level] = [];
        for (var domain = 1; domain < snapshot.Tables.Domains.Count; domain++)
        {
            if (snapshot.Domains.NodesOf(domain) > 0) ofLevel[snapshot.Tables.Domains.LevelOf(domain)].Add(domain);
        }

        _columns = [.. Enumerable.Range(0, keys.Count).Where(level => ofLevel[level].Count > 0)];
        _domains = [.. _columns.Select(level => ofLevel[level])];
        Levels = [.. _columns.Select(level => keys[level])];
    }

    /// <summary>Label keys of the levels in use, farthest first, without the level of single nodes.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>The number of the level of single nodes.</summary>
    public int NodeLevel => Levels.Count;

    /// <summary>The domains of a level that have nodes: for level -1 the cluster.</summary>
    public IReadOnlyList<int> DomainsAt(int level) => level < 0 ? [DomainTable.Cluster] : _domains[level];

    /// <summary>The domain of a row at a level; <see cref="DomainTable.Cluster"/> where the node lacks the label.</summary>
    public int DomainOf(int level, int row) => _snapshot.PageOf(row).Domain(_columns[level])[row & NodePage.RowMask];

    /// <summary>The rows of a domain, or of the whole cluster at level -1.</summary>
    public List<int> RowsOf(int level, int domain)
    {
        var rows = new List<int>();
        foreach (var page in _snapshot.Pages)
        {
            if (level < 0)
            {
                for (var at = 0; at < NodePage.RowCount; at++)
                {
                    if (page.Node(at) is not null) rows.Add(page.FirstRow + at);
                }

                continue;
            }

            var column = page.Domain(_columns[level]);
            for (var at = 0; at < NodePage.RowCount; at++)
            {
                var next = column[at..].IndexOf(domain);
                if (next < 0) break;
                at += next;
                rows.Add(page.FirstRow + at);
            }
        }

        return rows;
    }

    /// <summary>For people: <c>nvidia.com/gpu.clique=c1</c>; empty for the cluster.</summary>
    public string NameOf(int level, int domain) => level < 0 ? "" : $"{Levels[level]}={_snapshot.Tables.Domains.ValueOf(domain)}";
}
