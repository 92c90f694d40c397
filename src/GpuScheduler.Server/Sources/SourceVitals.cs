using GpuScheduler.Cluster.Events;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Nomination;

namespace GpuScheduler.Server.Sources;

/// <summary>How a source fares, for metrics.</summary>
/// <param name="IsLeader">This process is the one that answers and binds.</param>
/// <param name="Watches">Its watches; none for a cluster that is known from the start.</param>
/// <param name="Nominations">What nominating ahead did; null where it is not done.</param>
/// <param name="Events">What became of events; null where there are none.</param>
public sealed record SourceVitals(bool IsLeader, IReadOnlyList<WatchState> Watches, NominationCounters? Nominations, EventCounters? Events)
{
    /// <summary>Of a cluster that lives in this process alone.</summary>
    public static SourceVitals Alone { get; } = new(true, [], null, null);
}
