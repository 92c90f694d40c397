using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <content>
/// Topology domains: what a row's node has and has free is counted in each of its domains, and how open they are is written into every row of theirs.
/// </content>
internal sealed partial class WorkingPages
{
    /// <summary>Writes the domain of a row at a level, 0 for none.</summary>
    public void SetDomain(int row, int level, int domain)
    {
        var (page, shared, at) = Open(row);
        var last = page.Domain(level)[at];
        if (last == domain) return;
        var gpus = NodeGpus.Of(page, at);
        if (last != DomainTable.Cluster)
        {
            SetOpenness(row, -OpennessOf(level, last));
            page.DomainColumns = Set(page.DomainColumns, shared?.DomainColumns, level, at, DomainTable.Cluster);
            var open = OpennessOf(level, last);
            _domains.Leave(last, gpus);
            Spread(level, last, OpennessOf(level, last) - open);
        }

        if (domain == DomainTable.Cluster) return;
        var before = OpennessOf(level, domain);
        _domains.Join(domain, gpus);
        Spread(level, domain, OpennessOf(level, domain) - before);
        page.DomainColumns = Set(page.DomainColumns, shared?.DomainColumns, level, at, domain);
        SetOpenness(row, OpennessOf(level, domain));
    }

    /// <summary>What a row's node has free was written: counts it in its domains.</summary>
    private void MoveGpus(NodePage page, int at, in NodeGpus before)
    {
        var after = NodeGpus.Of(page, at);
        if (after == before) return;
        _domains.Move(DomainTable.Cluster, before, after);
        for (var level = 0; level < page.DomainColumns.Length; level++)
        {
            var domain = page.Domain(level)[at];
            if (domain == DomainTable.Cluster) continue;
            var open = OpennessOf(level, domain);
            _domains.Move(domain, before, after);
            Spread(level, domain, OpennessOf(level, domain) - open);
        }
    }

    private int OpennessOf(int level, int domain) => _levels?.IsOfNetwork(level) == true ? _domains.OpennessOf(domain) : 0;

    /// <summary>Adds to the openness of every row of a domain.</summary>
    private void Spread(int level, int domain, int change)
    {
        if (change == 0) return;
        for (var index = 0; index < _working.Count; index++)
        {
            var column = _working[index].Domain(level);
            for (var at = column.IndexOf(domain); at >= 0; at = IndexOf(column, domain, at + 1)) SetOpenness((index << NodePage.Shift) + at, change);
        }

        // Nodes of a domain are mostly neighbours.
        static int IndexOf(ReadOnlySpan<int> column, int domain, int from) =>
            from >= column.Length ? -1 : column[from] == domain ? from : column[from..].IndexOf(domain) is >= 0 and var next ? from + next : -1;
    }

    private void SetOpenness(int row, int change)
    {
        if (change == 0) return;
        var (page, shared, at) = Open(row);
        page.OpennessColumn = Set(page.OpennessColumn, shared?.OpennessColumn, at, page.OpennessColumn[at] + change);
    }
}
