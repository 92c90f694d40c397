using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>
/// What pods could be given in one topology domain. <see cref="DomainCapacity"/>, which plans of gangs go by, counts what is not used; people ask where
/// a pod could go, so nodes that take none (<see cref="NodePage.IsOpen"/>) do not count here.
/// </summary>
internal sealed class DomainRoom
{
    private readonly SortedDictionary<int, int> _nodesByFreeGpus = [];

    /// <summary>GPUs that a pod could be given whole.</summary>
    public int GpusFree { get; private set; }

    /// <summary>Free thousandths on nodes that take pods.</summary>
    public int FreeMilli { get; private set; }

    /// <summary>Nodes that take no more pods with GPUs.</summary>
    public int NodesClosed { get; private set; }

    /// <summary>How many nodes with GPUs have so many of <see cref="GpusFree"/>.</summary>
    public IReadOnlyDictionary<int, int> NodesByFreeGpus => _nodesByFreeGpus;

    /// <summary>The room of every domain that has nodes, by the domain's id; that of <see cref="DomainTable.Cluster"/> is all there is.</summary>
    public static Dictionary<int, DomainRoom> Of(ClusterSnapshot snapshot)
    {
        var rooms = new Dictionary<int, DomainRoom> { [DomainTable.Cluster] = new() };
        foreach (var row in snapshot.Names.Rows)
        {
            var (page, at) = (snapshot.PageOf(row.Row), row.Row & NodePage.RowMask);
            rooms[DomainTable.Cluster].Add(page, at);
            for (var level = 0; level < snapshot.Tables.Levels.Keys.Count; level++)
            {
                var domain = page.Domain(level)[at];
                if (domain == DomainTable.Cluster) continue;
                if (!rooms.TryGetValue(domain, out var room)) rooms.Add(domain, room = new DomainRoom());
                room.Add(page, at);
            }
        }

        return rooms;
    }

    private void Add(NodePage page, int at)
    {
        if (!page.IsOpen(at)) NodesClosed++;
        if (page.GpuCount[at] == 0) return;
        var free = page.OpenGpus(at);
        GpusFree += free;
        _nodesByFreeGpus[free] = _nodesByFreeGpus.GetValueOrDefault(free) + 1;
        if (page.IsOpen(at)) FreeMilli += page.GpuFreeMilli[at];
    }
}
