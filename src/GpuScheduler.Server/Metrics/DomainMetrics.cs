using System.Diagnostics.Metrics;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Metrics;

/// <summary>Free GPUs of topology domains, one series per level and one for the cluster: which domain it is, <c>GET /api/v1/domains</c> tells.</summary>
internal static class DomainMetrics
{
    public static void Add(Meter meter, SnapshotStore store)
    {
        Gauge("gpu_scheduler.domains", "{domain}", "Topology domains with GPUs.", _ => _ => 1, values => values.Sum());
        Gauge("gpu_scheduler.domains.whole", "{domain}", "Topology domains of which no GPU is used.", snapshot => domain => snapshot.Domains.IsWhole(domain) ? 1 : 0, values => values.Sum());
        Gauge(
            "gpu_scheduler.domain.most_free", "{device}", "GPUs that pods could be given whole in the domain that has most of them.",
            snapshot => RoomOf(DomainRoom.Of(snapshot)), values => values.Max());
        meter.CreateObservableGauge(
            "gpu_scheduler.gangs.kept_nodes", () => store.Current.Reservation?.Nodes.Length ?? 0, "{node}", "Nodes that are kept for a gang that has waited long.");

        void Gauge(string name, string unit, string description, Func<ClusterSnapshot, Func<int, int>> of, Func<IEnumerable<int>, int> sum) => meter.CreateObservableGauge(
            name,
            () =>
            {
                var snapshot = store.Current;
                var (table, valueOf) = (snapshot.Tables.Domains, of(snapshot));
                return Enumerable.Range(DomainTable.Cluster, table.Count).Where(domain => snapshot.Domains.GpusOf(domain) > 0).GroupBy(table.LevelOf)
                    .Select(level => new Measurement<int>(
                        sum(level.Select(valueOf)), new KeyValuePair<string, object?>("level", level.Key < 0 ? "cluster" : snapshot.Tables.Levels.Keys[level.Key])));
            },
            unit, description);

        static Func<int, int> RoomOf(Dictionary<int, DomainRoom> rooms) => domain => rooms[domain].GpusFree;
    }
}
