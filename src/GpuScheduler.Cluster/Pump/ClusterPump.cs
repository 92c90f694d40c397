using System.Threading.Channels;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Pump;

/// <summary>
/// The only writer of the cluster's state. It drains a bounded channel, applies what it finds to the ledger, and publishes once per drain:
/// under load many changes share one snapshot, at rest a change is visible at once. A full channel makes posters wait; nothing is dropped.
/// </summary>
public sealed partial class ClusterPump : IAsyncDisposable
{
    private const int Capacity = 16_384;

    /// <summary>Bounds how long a burst can put off the snapshot that shows its beginning.</summary>
    private const int MaxDrain = 2_048;

    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<ClusterChange> _changes = Channel.CreateBounded<ClusterChange>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly ClusterLedger _ledger;
    private readonly SnapshotStore _store;
    private readonly TimeProvider _time;
    private readonly ISnapshotStage? _stage;
    private readonly ILogger<ClusterPump> _log;
    private readonly Task _running;
    private readonly ITimer _expiry;
    private long _publishedAt;
    private long _drainedAt;

    /// <summary>Starts the writer.</summary>
    /// <param name="ledger">The ledger; from now on it belongs to the pump.</param>
    /// <param name="store">Where snapshots are published.</param>
    /// <param name="time">For the expiry of assumed pods.</param>
    /// <param name="log">Where failures of single changes go.</param>
    /// <param name="stage">Prepares what goes with a snapshot; null for nothing.</param>
    public ClusterPump(ClusterLedger ledger, SnapshotStore store, TimeProvider time, ILogger<ClusterPump> log, ISnapshotStage? stage = null)
    {
        _stage = stage;
        _ledger = ledger;
        _store = store;
        _time = time;
        _publishedAt = _drainedAt = time.GetTimestamp();
        _log = log;
        _running = Task.Run(RunAsync);
        _expiry = time.CreateTimer(_ => _changes.Writer.TryWrite(new LedgerQuestion<int>(ExpireAssumed)), null, ExpiryInterval, ExpiryInterval);
    }

    /// <summary>Changes that wait for the writer.</summary>
    public int Depth => _changes.Reader.Count;

    /// <summary>Time since the newest snapshot was published; grows while nothing in the cluster changes.</summary>
    public TimeSpan SnapshotAge => _time.GetElapsedTime(Volatile.Read(ref _publishedAt));

    /// <summary>Time since the writer last came round; it does so at least once a second, so that more says that it hangs.</summary>
    public TimeSpan SinceDrain => _time.GetElapsedTime(Volatile.Read(ref _drainedAt));

    /// <summary>Hands a change over; waits only while the channel is full.</summary>
    public ValueTask PostAsync(ClusterChange change, CancellationToken cancellationToken = default) =>
        _changes.Writer.WriteAsync(change, cancellationToken);

    /// <summary>Places a pod, against the newest state; see <see cref="ClusterLedger.Assume"/>.</summary>
    public Task<AssumeOutcome> AssumeAsync(Pod pod, string nodeName, CancellationToken cancellationToken) =>
        AskAsync(ledger => ledger.Assume(pod, nodeName, _time.GetUtcNow()), cancellationToken);

    /// <summary>Completes once everything posted before is in the published snapshot.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => AskAsync(static _ => 0, cancellationToken);

    /// <summary>Runs a function on the ledger, between changes, and returns what it returns once the resulting snapshot is published.</summary>
    public async Task<T> AskAsync<T>(Func<ClusterLedger, T> ask, CancellationToken cancellationToken)
    {
        var question = new LedgerQuestion<T>(ask);
        await _changes.Writer.WriteAsync(question, cancellationToken).ConfigureAwait(false);
        return await question.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies what was posted before and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _expiry.DisposeAsync().ConfigureAwait(false);
        _changes.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var applied = new List<ClusterChange>(MaxDrain);
        var reader = _changes.Reader;
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            applied.Clear();
            while (applied.Count < MaxDrain && reader.TryRead(out var change))
            {
                if (TryApply(change)) applied.Add(change);
            }

            if (applied.Count == 0) continue;
            Publish(_ledger.Publish());
            foreach (var change in applied) change.Complete();
        }
    }

    private void Publish(ClusterSnapshot snapshot)
    {
        try
        {
            // Also when no number changed: pods that only wait teach a policy what is asked for.
            _stage?.Prepare(snapshot);
        }
        catch (Exception problem)
        {
            // What went with the last snapshot still serves; a stopped writer would not.
            LogStageFailed(problem);
        }

        var now = _time.GetTimestamp();
        Volatile.Write(ref _drainedAt, now);
        if (ReferenceEquals(snapshot, _store.Current)) return;
        _store.Publish(snapshot);
        Volatile.Write(ref _publishedAt, now);
    }

    private bool TryApply(ClusterChange change)
    {
        try
        {
            change.Apply(_ledger);
            return true;
        }
        catch (Exception problem)
        {
            LogChangeFailed(problem);
            change.Fail(problem);
            return false;
        }
    }

    private int ExpireAssumed(ClusterLedger ledger)
    {
        var expired = ledger.ExpireAssumed(_time.GetUtcNow());
        foreach (var uid in expired) LogExpired(uid);
        return expired.Count;
    }

    [LoggerMessage(1, LogLevel.Error, "A change could not be applied to the ledger; it is skipped")]
    private partial void LogChangeFailed(Exception problem);

    [LoggerMessage(3, LogLevel.Error, "What goes with the newest snapshot could not be prepared; the last one's serves on")]
    private partial void LogStageFailed(Exception problem);

    [LoggerMessage(2, LogLevel.Warning, "Pod {Uid} was bound but never confirmed by the watch; its place is given up")]
    private partial void LogExpired(string uid);
}
