using System.Globalization;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>Makes the answer of <c>/api/v1/domains</c> out of a snapshot.</summary>
internal static class DomainBodies
{
    /// <summary>All domains with nodes, level by level from the farthest, those with most free GPUs first.</summary>
    public static DomainListBody List(ClusterSnapshot snapshot)
    {
        var (table, capacity, rooms) = (snapshot.Tables.Domains, snapshot.Domains, DomainRoom.Of(snapshot));
        var domains = Enumerable.Range(1, table.Count - 1).Where(domain => capacity.NodesOf(domain) > 0)
            .OrderBy(table.LevelOf).ThenByDescending(domain => rooms[domain].FreeMilli).ThenBy(table.ValueOf, StringComparer.Ordinal);
        return new DomainListBody(
            snapshot.Generation,
            [.. domains.Select(domain => Body(snapshot, domain, rooms[domain]))],
            snapshot.Reservation is { } kept ? new ReservationBody(kept.Key.ToString(), kept.Domain, kept.Nodes) : null);
    }

    private static DomainBody Body(ClusterSnapshot snapshot, int domain, DomainRoom room)
    {
        var (table, capacity, keys) = (snapshot.Tables.Domains, snapshot.Domains, snapshot.Tables.Levels.Keys);
        var around = new Dictionary<string, string>();
        for (var outer = table.AroundOf(domain); outer != DomainTable.Cluster; outer = table.AroundOf(outer)) around[keys[table.LevelOf(outer)]] = table.ValueOf(outer);
        return new DomainBody(
            keys[table.LevelOf(domain)],
            table.ValueOf(domain),
            around,
            capacity.NodesOf(domain),
            capacity.GpusOf(domain),
            room.GpusFree,
            room.FreeMilli,
            capacity.IsWhole(domain),
            room.NodesByFreeGpus.ToDictionary(entry => entry.Key.ToString(CultureInfo.InvariantCulture), entry => entry.Value),
            room.NodesClosed);
    }
}
