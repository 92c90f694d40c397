using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Auditing;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Auditing;

/// <summary>
/// Audits the newest snapshot now and then, logs what is new and what is over, and heals what is ours alone: sums that do not fit their pods
/// are made anew, and places held for a bind that cannot be under way any more are given back. Runs off every request's path.
/// </summary>
public sealed partial class Auditor : IDisposable
{
    /// <summary>Time between two audits.</summary>
    public static TimeSpan Interval => TimeSpan.FromSeconds(30);

    /// <summary>A bind takes seconds and its confirmation a minute at most; an assumption older than this has been forgotten by a bug.</summary>
    public static TimeSpan StuckAfter => TimeSpan.FromMinutes(10);

    private readonly SnapshotStore _store;
    private readonly ClusterPump _pump;
    private readonly GpuResourceCatalog _catalog;
    private readonly TimeProvider _time;
    private readonly ILogger<Auditor> _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, DateTimeOffset> _assumedSince = [];
    private HashSet<Finding> _known = [];
    private volatile AuditReport _latest = AuditReport.None;

    /// <summary>An auditor that has found nothing yet; <see cref="RunAsync"/> sets it to work.</summary>
    public Auditor(SnapshotStore store, ClusterPump pump, GpuResourceCatalog catalog, TimeProvider time, ILogger<Auditor> log) =>
        (_store, _pump, _catalog, _time, _log) = (store, pump, catalog, time, log);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>What the last audit found.</summary>
    public AuditReport Latest => _latest;

    /// <summary>Audits until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            try
            {
                await AuditAsync(stopping).ConfigureAwait(false);
            }
            catch (Exception problem) when (!stopping.IsCancellationRequested)
            {
                LogFailed(problem);
            }
        }
    }

    /// <summary>Audits now. What it reports is what it found before it healed.</summary>
    public async Task<AuditReport> AuditAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var snapshot = _store.Current;
            var report = SnapshotAudit.Run(snapshot, _catalog);
            var stuck = FindStuck(snapshot);
            if (stuck.Count > 0)
            {
                // Places held for a gang look alike in the snapshot, but have an end of their own.
                stuck = await _pump.AskAsync(ledger => stuck.FindAll(pod => ledger.StateOf(pod.Uid) == PodState.Assumed), cancellationToken).ConfigureAwait(false);
            }

            if (stuck.Count > 0) report = report with { Findings = [.. report.Findings, .. stuck.Select(pod => pod.Finding)] };
            Tell(report.Findings);
            _latest = report;
            foreach (var node in report.Findings.Where(finding => finding.Kind == FindingKind.WrongSum).Select(finding => finding.Node).Distinct())
            {
                await _pump.AskAsync(ledger => ledger.Recount(node), cancellationToken).ConfigureAwait(false);
                LogRecounted(node);
            }

            foreach (var (uid, _) in stuck) await _pump.PostAsync(ClusterChange.PodForgotten(uid), cancellationToken).ConfigureAwait(false);
            return report;
        }
        finally
        {
            _turn.Release();
        }
    }

    private List<(string Uid, Finding Finding)> FindStuck(ClusterSnapshot snapshot)
    {
        var now = _time.GetUtcNow();
        var stuck = new List<(string Uid, Finding Finding)>();
        var seen = new HashSet<string>();
        foreach (var row in snapshot.Names.Rows)
        {
            foreach (var placed in snapshot.PageOf(row.Row).Pods(row.Row & NodePage.RowMask))
            {
                if (!placed.IsAssumed) continue;
                seen.Add(placed.Pod.Uid);
                _assumedSince.TryAdd(placed.Pod.Uid, now);
                if (now - _assumedSince[placed.Pod.Uid] < StuckAfter) continue;
                stuck.Add((placed.Pod.Uid, new(FindingKind.StuckAssumption, row.Name, null, $"pod {placed.Pod.FullName} has been held on node {row.Name} for a bind for {StuckAfter.TotalMinutes:0} minutes")));
            }
        }

        foreach (var uid in _assumedSince.Keys.Except(seen).ToList()) _assumedSince.Remove(uid);
        return stuck;
    }

    private void Tell(IReadOnlyList<Finding> findings)
    {
        HashSet<Finding> now = [.. findings];
        foreach (var finding in now.Except(_known)) LogFound(finding.Kind, finding.Message);
        foreach (var finding in _known.Except(now)) LogOver(finding.Kind, finding.Message);
        _known = now;
    }

    [LoggerMessage(1, LogLevel.Warning, "Audit: {Kind}: {Message}")]
    private partial void LogFound(FindingKind kind, string message);

    [LoggerMessage(2, LogLevel.Information, "Audit: over: {Kind}: {Message}")]
    private partial void LogOver(FindingKind kind, string message);

    [LoggerMessage(3, LogLevel.Warning, "Audit: the sums of node {Node} did not fit its pods and have been made anew")]
    private partial void LogRecounted(string node);

    [LoggerMessage(4, LogLevel.Error, "The audit failed; the next one is in half a minute")]
    private partial void LogFailed(Exception problem);
}
