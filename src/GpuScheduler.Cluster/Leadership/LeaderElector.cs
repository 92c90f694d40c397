using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Leadership;

/// <summary>
/// Competes for a Lease and, while it holds it, renews it. At most one elector leads at any moment, as long as clocks of different machines run at
/// speeds closer to each other than <see cref="LeaderElectionOptions.LeaseDuration"/> to <see cref="LeaderElectionOptions.RenewDeadline"/>; what
/// they show does not matter.
/// </summary>
/// <remarks>
/// Learned from client-go <c>tools/leaderelection</c>, and stricter where two leaders would mean GPUs given away twice: a term ends one renew deadline
/// after the <em>beginning</em> of the last successful renewal (client-go: up to a retry period later), at once when another holder is seen, and
/// deleting or editing the lease lets nobody take over early, except a candidate that never saw it before it was deleted.
/// A lost term is not the end of the process: the elector competes again.
/// </remarks>
public sealed partial class LeaderElector
{
    private readonly IKubernetesApi _api;
    private readonly LeaderElectionOptions _options;
    private readonly ILeadershipObserver _observer;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<LeaderElector> _log;
    private readonly ObservedLease _observed;
    private volatile LeaderTerm? _current;
    private volatile string _holder = "";
    private string? _reported;
    private DateTimeOffset? _acquireTime;

    /// <summary>An elector at rest; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="api">The API server; needs get, create and update on the lease.</param>
    /// <param name="options">Lease, identity and durations.</param>
    /// <param name="observer">Is told of terms.</param>
    /// <param name="time">The local clock.</param>
    /// <param name="random">Source of jitter; used by this elector alone.</param>
    /// <param name="log">Where failures go.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message holds every reason.</exception>
    public LeaderElector(
        IKubernetesApi api,
        LeaderElectionOptions options,
        ILeadershipObserver observer,
        TimeProvider time,
        Random random,
        ILogger<LeaderElector> log)
    {
        if (options.Validate() is { Count: > 0 } errors) throw new ArgumentException(string.Join("; ", errors), nameof(options));
        _api = api;
        _options = options;
        _observer = observer;
        _time = time;
        _random = random;
        _log = log;
        _observed = new ObservedLease(options.LeaseDuration, time);
    }

    /// <summary>The term we lead in; null while we do not.</summary>
    public LeaderTerm? Current => _current is { IsLeading: true } term ? term : null;

    /// <summary>Whether we lead at this moment, by the clock.</summary>
    public bool IsLeading => Current is not null;

    /// <summary>Identity last seen on the lease; empty when there was none.</summary>
    public string Holder => _holder;

    /// <summary>
    /// Competes and leads until cancelled; then ends the term, waits for <see cref="ILeadershipObserver.StoppedLeadingAsync"/> and releases the lease,
    /// all within what is left of the lease plus one renew deadline.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled, and done with the above.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var term = await AcquireAsync(cancellationToken);
            _current = term;
            LogStarted(_options.Identity, term.Term);
            _observer.StartedLeading(term);
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(term.Ended, cancellationToken);
                await RenewAsync(term, either.Token);
            }
            catch (OperationCanceledException) when (term.Ended.IsCancellationRequested || cancellationToken.IsCancellationRequested)
            {
                // the deadline, or shutdown
            }

            await StepDownAsync(term, cancellationToken.IsCancellationRequested);
        }
    }

    private async Task<LeaderTerm> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await TryAcquireAsync(cancellationToken) is { } term) return term;
            var pause = _options.RetryPeriod * (1 + (_random.NextDouble() * LeaderElectionOptions.JitterFactor));
            await PauseAsync(pause, cancellationToken);
        }
    }

    private async Task<LeaderTerm?> TryAcquireAsync(CancellationToken cancellationToken)
    {
        var read = await GetAsync(cancellationToken);
        if (!read.TryGet(out var lease, out var status) && !status.IsNotFound)
        {
            LogAttemptFailed("reading", status);
            return null;
        }

        if (lease is not null) Observe(lease);
        else if (_observed.Lease is { } deleted && !_observed.IsReleased) return await RestoreAsync(deleted, cancellationToken);
        if (!_observed.IsFree && !IsOurs(_observed.Lease!)) return null;

        var now = Now();
        var taken = new Lease
        {
            Meta = lease?.Meta ?? NewMeta,
            HolderIdentity = _options.Identity,
            LeaseDurationSeconds = (int)_options.LeaseDuration.TotalSeconds,
            AcquireTime = now,
            RenewTime = now,
            LeaseTransitions = _observed.Lease is { } before ? before.LeaseTransitions + 1 : 0,
            Labels = lease?.Labels ?? NoText,
            Annotations = lease?.Annotations ?? NoText,
        };
        var previous = _acquireTime;
        _acquireTime = now;
        var began = _time.GetTimestamp();
        var written = lease is null ? await CreateAsync(taken, cancellationToken) : await ReplaceAsync(taken, cancellationToken);
        if (!written.TryGet(out var stored, out status))
        {
            // a write that certainly did not happen leaves no mark of ours
            if (!status.MayHaveHappened) _acquireTime = previous;
            if (!status.IsConflict && !status.IsAlreadyExists) LogAttemptFailed("taking", status);
            return null;
        }

        Observe(stored);
        var term = new LeaderTerm(stored.LeaseTransitions, DeadlineAfter(began), _time);
        if (term.IsLeading) return term;
        LogTooSlow(_time.GetElapsedTime(began), _options.RenewDeadline);
        term.End();
        return null;
    }

    /// <summary>
    /// The lease was deleted under a holder who may have renewed it a moment ago: it is put back as we knew it. A living holder renews it, and a dead
    /// one's runs out; nobody who takes a deletion for a release leads beside it.
    /// </summary>
    private async Task<LeaderTerm?> RestoreAsync(Lease deleted, CancellationToken cancellationToken)
    {
        LogLeaseDeleted(_options.LeaseNamespace, _options.LeaseName);
        var restored = await CreateAsync(deleted with { Meta = NewMeta }, cancellationToken);
        if (restored.TryGet(out var stored, out var status)) Observe(stored);
        else if (!status.IsAlreadyExists) LogAttemptFailed("restoring", status);
        return null;
    }

    /// <summary>Renews until the term ends (the token) or the lease is found to be another's.</summary>
    private async Task RenewAsync(LeaderTerm term, CancellationToken cancellationToken)
    {
        while (true)
        {
            await PauseAsync(_options.RetryPeriod, cancellationToken);
            // one failed attempt learns the newest version, the next writes on top of it
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var began = _time.GetTimestamp();
                var mine = _observed.Lease! with { RenewTime = Now(), LeaseDurationSeconds = (int)_options.LeaseDuration.TotalSeconds };
                var written = mine.Meta.ResourceVersion.Length == 0
                    ? await CreateAsync(mine, cancellationToken)
                    : await ReplaceAsync(mine, cancellationToken);
                if (written.TryGet(out var stored, out var status))
                {
                    Observe(stored);
                    if (!term.TryExtend(DeadlineAfter(began))) return;
                    break;
                }

                if (status.IsNotFound)
                {
                    LogLeaseDeleted(_options.LeaseNamespace, _options.LeaseName);
                    _observed.Observe(mine with { Meta = NewMeta }, began);
                }
                else if (!status.IsConflict && !status.IsAlreadyExists)
                {
                    LogRenewalFailed(term.Remaining, status);
                    break;
                }
                else if (!(await GetAsync(cancellationToken)).TryGet(out var newest, out status))
                {
                    LogRenewalFailed(term.Remaining, status);
                    break;
                }
                else
                {
                    Observe(newest);
                    if (IsOurs(newest)) continue;
                    LogTaken(newest.HolderIdentity, newest.LeaseTransitions);
                    return;
                }
            }
        }
    }

    private async Task StepDownAsync(LeaderTerm term, bool isShutdown)
    {
        // what is left of the lease as the others see it, had they seen the last renewal when it began
        var lease = term.Remaining + (_options.LeaseDuration - _options.RenewDeadline);
        var isHeld = isShutdown && term.IsLeading;
        _current = null;
        term.End();
        LogStopped(_options.Identity, term.Term);
        var stopped = _observer.StoppedLeadingAsync(term);
        if (!isShutdown)
        {
            await stopped;
            return;
        }

        try
        {
            await stopped.WaitAsync(lease, _time);
        }
        catch (TimeoutException)
        {
            LogNotDrained(lease);
            return;
        }

        if (isHeld) await ReleaseAsync();
    }

    /// <summary>Gives the lease back as client-go does: no holder, a duration of one second.</summary>
    private async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(_options.RenewDeadline, _time);
        try
        {
            // a lease of another, or one that was deleted, is not ours to give back
            while (IsOurs(_observed.Lease!) && _observed.Lease!.Meta.ResourceVersion.Length > 0)
            {
                var now = Now();
                var free = _observed.Lease! with { HolderIdentity = "", LeaseDurationSeconds = 1, AcquireTime = now, RenewTime = now };
                var written = await ReplaceAsync(free, limit.Token);
                if (written.TryGet(out var stored, out var status))
                {
                    Observe(stored);
                    LogReleased(_options.LeaseNamespace, _options.LeaseName);
                    return;
                }

                if (!status.IsConflict || !(await GetAsync(limit.Token)).TryGet(out var newest, out status))
                {
                    LogReleaseFailed(status);
                    return;
                }

                Observe(newest);
            }
        }
        catch (OperationCanceledException)
        {
            LogReleaseFailed(new ApiStatus(ApiOutcome.Lost, 0, "", "no answer in time"));
        }
    }

    private static IReadOnlyDictionary<string, string> NoText { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    private ObjectMeta NewMeta => ObjectMeta.Empty with { Namespace = _options.LeaseNamespace, Name = _options.LeaseName };

    /// <summary>Whether the lease says what we ourselves wrote when we took it, be it that the answer never came.</summary>
    private bool IsOurs(Lease lease) => lease.HolderIdentity == _options.Identity && lease.AcquireTime == _acquireTime;

    private void Observe(Lease lease)
    {
        _observed.Observe(lease, _time.GetTimestamp());
        _holder = lease.HolderIdentity;
        if (_reported == lease.HolderIdentity) return;
        _reported = lease.HolderIdentity;
        LogHolder(lease.HolderIdentity);
        if (lease.HolderIdentity != _options.Identity) _observer.ObservedLeader(lease.HolderIdentity);
    }

    private long DeadlineAfter(long began) =>
        began + (long)(_options.RenewDeadline.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Wall-clock time for people, in the microseconds a lease can hold.</summary>
    private DateTimeOffset Now()
    {
        var now = _time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>
    /// Not Task.Delay with the token: that one goes on by way of the thread pool, which may be starved just when a term must end.
    /// </summary>
    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(pause, _time, CancellationToken.None).WaitAsync(cancellationToken);

    private Task<ApiResult<Lease>> GetAsync(CancellationToken cancellationToken) =>
        CallAsync(token => _api.GetLeaseAsync(_options.LeaseNamespace, _options.LeaseName, token), cancellationToken);

    private Task<ApiResult<Lease>> CreateAsync(Lease lease, CancellationToken cancellationToken) =>
        CallAsync(token => _api.CreateLeaseAsync(lease, token), cancellationToken);

    private Task<ApiResult<Lease>> ReplaceAsync(Lease lease, CancellationToken cancellationToken) =>
        CallAsync(token => _api.ReplaceLeaseAsync(lease, token), cancellationToken);

    /// <summary>One call may take half the renew deadline, so that a single one that hangs does not cost the term (kube-scheduler does likewise).</summary>
    private async Task<ApiResult<Lease>> CallAsync(Func<CancellationToken, Task<ApiResult<Lease>>> call, CancellationToken cancellationToken)
    {
        var longest = _options.RenewDeadline / 2;
        using var limit = new CancellationTokenSource(longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(new ApiStatus(ApiOutcome.Lost, 0, "", $"no answer within {longest.TotalSeconds:0.###}s"));
        }
    }

    [LoggerMessage(120, LogLevel.Information, "{Identity} leads, term {Term}")]
    private partial void LogStarted(string identity, int term);

    [LoggerMessage(121, LogLevel.Information, "{Identity} no longer leads, term {Term} is over")]
    private partial void LogStopped(string identity, int term);

    [LoggerMessage(122, LogLevel.Information, "The lease is held by '{Holder}'")]
    private partial void LogHolder(string holder);

    [LoggerMessage(123, LogLevel.Warning, "Leader election: {What} the lease failed: {Status}")]
    private partial void LogAttemptFailed(string what, ApiStatus status);

    [LoggerMessage(124, LogLevel.Warning, "Renewing the lease failed, {Left} left to lead: {Status}")]
    private partial void LogRenewalFailed(TimeSpan left, ApiStatus status);

    [LoggerMessage(125, LogLevel.Error, "The lease was taken from us: it is held by '{Holder}', term {Term}")]
    private partial void LogTaken(string holder, int term);

    [LoggerMessage(126, LogLevel.Warning, "The lease {Namespace}/{Name} was deleted under its holder; it is put back")]
    private partial void LogLeaseDeleted(string @namespace, string name);

    [LoggerMessage(127, LogLevel.Information, "The lease {Namespace}/{Name} is released")]
    private partial void LogReleased(string @namespace, string name);

    [LoggerMessage(128, LogLevel.Warning, "The lease could not be released and runs out by itself: {Status}")]
    private partial void LogReleaseFailed(ApiStatus status);

    [LoggerMessage(129, LogLevel.Warning, "Work of the ended term was still under way after {Limit}; the lease is left to run out")]
    private partial void LogNotDrained(TimeSpan limit);

    [LoggerMessage(130, LogLevel.Warning, "The lease was taken, but the answer took {Elapsed}, longer than the renew deadline {Deadline}")]
    private partial void LogTooSlow(TimeSpan elapsed, TimeSpan deadline);
}
