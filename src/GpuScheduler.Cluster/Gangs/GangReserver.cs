using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Snapshots;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>
/// Lets the single writer keep nodes for the gang that has waited longest in vain, and let go of them: once a second, as <see cref="GangReserving"/>
/// decides. Nothing of it is written to the API server; after a restart it is decided anew.
/// </summary>
/// <param name="pump">The single writer.</param>
/// <param name="store">Where the newest snapshot is.</param>
/// <param name="reserving">Decides.</param>
/// <param name="time">Paces it, and tells how long gangs have waited.</param>
/// <param name="log">Is told of what is kept.</param>
public sealed partial class GangReserver(ClusterPump pump, SnapshotStore store, GangReserving reserving, TimeProvider time, ILogger<GangReserver> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await RunOnceAsync().ConfigureAwait(false);
            }
            catch (Exception problem) when (!stopping.IsCancellationRequested)
            {
                LogFailed(problem);
            }

            await Task.Delay(Interval, time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Decides once.</summary>
    internal async Task RunOnceAsync()
    {
        var snapshot = store.Current;
        var (last, next) = (snapshot.Reservation, reserving.Next(snapshot, time.GetUtcNow()));
        if (Equals(last, next)) return;
        var kept = await pump.AskAsync(
            ledger =>
            {
                ledger.KeepFor(next);
                return ledger.Reservation;
            },
            CancellationToken.None).ConfigureAwait(false);
        if (kept is null && last is not null) LogLetGo(last.Where, last.Key.ToString());
        else if (kept is not null && (kept.Key != last?.Key || kept.Domain != last.Domain)) LogKept(kept.Where, kept.Key.ToString());
    }

    [LoggerMessage(1, LogLevel.Error, "What to keep for gangs could not be decided; trying again")]
    private partial void LogFailed(Exception problem);

    [LoggerMessage(2, LogLevel.Information, "{Where} for {Gang}, which has waited long: no pod or gang behind it gets GPUs there")]
    private partial void LogKept(string where, string gang);

    [LoggerMessage(3, LogLevel.Information, "{Where} for {Gang} no longer")]
    private partial void LogLetGo(string where, string gang);
}
