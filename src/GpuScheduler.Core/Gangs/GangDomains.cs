using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Chooses among the topology domains of a level those that hold a gang. The free GPUs of every domain are known (<see cref="DomainCapacity"/>), so domains
/// without enough are passed over and the others put in order before any of their nodes is looked at.
/// </summary>
/// <param name="trial">The cluster, which must not change meanwhile.</param>
/// <param name="tree">The domains.</param>
/// <param name="rooms">The room for each kind of its pods.</param>
/// <param name="placed">The rows where pods of it run: then only domains with those are looked at.</param>
internal sealed class GangDomains(TrialCluster trial, TopologyTree tree, List<RowRooms> rooms, List<int> placed)
{
    /// <summary>The room for each kind of the gang's pods.</summary>
    public IReadOnlyList<RowRooms> Rooms => rooms;

    /// <summary>
    /// The domains of a level that by count hold everything, as the rows that have room; those first that have least left over, of these those with
    /// fewest GPUs free.
    /// </summary>
    public IEnumerable<(int Domain, List<int> Rows)> Holding(int level) => level == tree.NodeLevel ? HoldingNodes() : HoldingDomains(level);

    /// <summary>The domain of a level with room for most pods, and for how many; -1 when none has room for any.</summary>
    public (int Domain, int Fit) Best(int level)
    {
        var (best, most) = (-1, 0);
        var bounds = new List<(int Domain, int Fit)>();
        foreach (var domain in DomainsNear(level)) bounds.Add((domain, rooms.Sum(room => level == tree.NodeLevel ? Math.Min(room[domain], room.Need) : Math.Min(BoundOf(domain, room), room.Need))));
        foreach (var (domain, bound) in bounds.OrderByDescending(found => found.Fit).ThenBy(found => found.Domain))
        {
            if (bound <= most) break;
            var fit = FitOf(RowsOf(level, domain));
            if (fit > most) (best, most) = (domain, fit);
        }

        return (best, most);
    }

    /// <summary>The rows of a domain: at the level of nodes, the one row.</summary>
    public List<int> RowsOf(int level, int domain) => level == tree.NodeLevel ? [domain] : tree.RowsOf(level, domain);

    /// <summary>How many pods some rows have room for.</summary>
    public int FitOf(List<int> rows) => rooms.Sum(room => (int)Math.Min(room.Sum(rows), room.Need));

    /// <summary>The rows that have room.</summary>
    public List<int> WithRoom(List<int> rows) => rows.FindAll(row => rooms.Exists(room => room[row] > 0));

    /// <summary>The domains of a level that come into question.</summary>
    public IEnumerable<int> DomainsNear(int level)
    {
        if (level == tree.NodeLevel) return placed.Count > 0 ? placed.Distinct() : tree.RowsOf(-1, DomainTable.Cluster);
        if (placed.Count == 0 || level < 0) return tree.DomainsAt(level);
        return placed.Select(row => tree.DomainOf(level, row)).Where(domain => domain != DomainTable.Cluster).Distinct();
    }

    private IEnumerable<(int Domain, List<int> Rows)> HoldingDomains(int level)
    {
        var capacity = trial.Domains;
        var found = new List<(long LeftOver, int FreeMilli, int Domain)>();
        foreach (var domain in DomainsNear(level))
        {
            var left = 0L;
            foreach (var room in rooms)
            {
                var bound = BoundOf(domain, room);
                left = bound < room.Need ? -1 : left + bound - room.Need;
                if (left < 0) break;
            }

            if (left >= 0) found.Add((left, capacity.FreeMilliOf(domain), domain));
        }

        found.Sort();
        foreach (var (_, _, domain) in found)
        {
            var rows = tree.RowsOf(level, domain);
            if (rooms.TrueForAll(room => room.Sum(rows) >= room.Need)) yield return (domain, WithRoom(rows));
        }
    }

    private IEnumerable<(int Domain, List<int> Rows)> HoldingNodes()
    {
        var found = new List<(long LeftOver, int FreeMilli, int Row)>();
        foreach (var row in DomainsNear(tree.NodeLevel))
        {
            if (rooms.TrueForAll(room => room[row] >= room.Need))
            {
                found.Add((rooms.Sum(room => (long)room[row] - room.Need), trial.PageOf(row).GpuFreeMilli[row & NodePage.RowMask], row));
            }
        }

        found.Sort();
        return found.Select(node => (node.Row, new List<int> { node.Row }));
    }

    /// <summary>For how many pods of a kind a domain has GPUs; never fewer than really fit.</summary>
    private int BoundOf(int domain, RowRooms room)
    {
        var gpu = room.Kind.Shape.Gpu;
        return gpu.IsWhole ? trial.Domains.RoomFor(domain, gpu.Count)
            : gpu.IsShare ? trial.Domains.FreeMilliOf(domain) / gpu.MilliPerGpu
            : int.MaxValue;
    }
}
