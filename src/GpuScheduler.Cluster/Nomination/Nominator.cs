using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Events;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Nomination;

/// <summary>
/// Nominates ahead: while a queue of pods stands, it decides over the whole cluster where each will go and writes that into the pod's
/// <c>status.nominatedNodeName</c>. kube-scheduler (1.24 and later) tries that node first, alone, and counts the pod against it for others, so it
/// has one node to check instead of all. A nomination is only a hint: filter and bind do not know of it, and all is well when it is lost.
/// </summary>
/// <remarks>
/// It never touches a nomination it did not make: each write is conditional on the version of the pod that it was decided on. Pods whose
/// placement depends on more than we evaluate (<see cref="Pod.HasOtherConstraints"/>, a PodGroup) are left to kube-scheduler.
/// </remarks>
public sealed partial class Nominator
{
    private const int MaxWritesPerPlan = 128;
    private const int ParallelWrites = 16;

    /// <summary>Planning takes at most a tenth of one core: after each plan it rests nine times as long, and at least so long.</summary>
    private const int RestPerPlan = 9;

    private static readonly TimeSpan MinRest = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a pod is left in peace after somebody took its nomination away.</summary>
    private static readonly TimeSpan OverruledRest = TimeSpan.FromSeconds(30);

    /// <summary>How long a write whose answer was lost is believed in.</summary>
    private static readonly TimeSpan UnansweredRest = TimeSpan.FromSeconds(5);

    /// <summary>Pause after a failure that is likely to happen again at once, and after one that only an administrator can mend.</summary>
    private static readonly TimeSpan TransientPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ForbiddenPause = TimeSpan.FromMinutes(1);

    private readonly ClusterPump _pump;
    private readonly IKubernetesApi _api;
    private readonly IBindGate _gate;
    private readonly NominationOptions _options;
    private readonly LedgerOptions _ledgerOptions;
    private readonly Func<PodShape, IScoringStrategy> _strategyFor;
    private readonly TimeProvider _time;
    private readonly ILogger<Nominator> _log;
    private readonly ScoringResolver _resolver;
    private readonly HashSet<string> _schedulers;
    private readonly RateBucket _bucket;
    private readonly GangPlans _gangs;
    private readonly NominationPace _pace;
    private readonly NominationMemory _memory = new();
    private readonly List<WaitingPod> _waiting = [];
    private Pod[] _buffer = [];
    private (ClusterSnapshot? Snapshot, long Waiting) _planned;
    private bool _unfinished;
    private long _pausedUntil = long.MinValue;
    private long? _lookAgainAt;
    private TimeSpan _planTook;
    private long _plans;
    private long _nominated;
    private long _moved;
    private long _withdrawn;
    private long _conflicts;
    private long _failed;
    private long _overruled;
    private int _standing;

    /// <summary>Puts it together; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="pump">The single writer; asked for the queue.</param>
    /// <param name="api">The API server. Its own limit of writes should not be below ours, and binds should not queue behind nominations in it.</param>
    /// <param name="gate">May this process act now: it leads, and knows the whole cluster?</param>
    /// <param name="options">Which pods, how eagerly.</param>
    /// <param name="ledgerOptions">The options of the pump's ledger.</param>
    /// <param name="strategyFor">The strategy that prioritize scores pods of a shape with.</param>
    /// <param name="time">Paces it.</param>
    /// <param name="log">Is told of failures.</param>
    /// <param name="pace">Is told how far it is.</param>
    /// <param name="gangs">Plans gangs, as filter does; null to plan for itself.</param>
    public Nominator(
        ClusterPump pump, IKubernetesApi api, IBindGate gate, NominationOptions options, LedgerOptions ledgerOptions,
        Func<PodShape, IScoringStrategy> strategyFor, TimeProvider time, ILogger<Nominator> log, NominationPace pace, GangPlans? gangs = null)
    {
        _pump = pump;
        _api = api;
        _gate = gate;
        _options = options;
        _ledgerOptions = ledgerOptions;
        _strategyFor = strategyFor;
        _time = time;
        _log = log;
        _pace = pace;
        _gangs = gangs ?? new GangPlans(ledgerOptions);
        _resolver = new ScoringResolver(ledgerOptions.Catalog);
        _schedulers = new HashSet<string>(options.SchedulerNames, StringComparer.Ordinal);
        _bucket = new RateBucket(options.WritesPerSecond, TimeSpan.FromSeconds(1) / options.WritesPerSecond, time);
    }

    /// <summary>What it did so far.</summary>
    public NominationCounters Counters => new(
        Interlocked.Read(ref _plans),
        Interlocked.Read(ref _nominated),
        Interlocked.Read(ref _moved),
        Interlocked.Read(ref _withdrawn),
        Interlocked.Read(ref _conflicts),
        Interlocked.Read(ref _failed),
        Interlocked.Read(ref _overruled),
        Volatile.Read(ref _standing),
        _pace.Held,
        _pace.HeldFor);

    /// <summary>Whether kube-scheduler of this version heeds a nomination that it did not make itself.</summary>
    public static bool IsHeededBy(ServerInfo server) => server.Major > 1 || (server.Major == 1 && server.Minor >= 24);

    /// <summary>Nominates until cancelled; pauses by itself while the gate is shut. Call it once.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        LogStarted(string.Join(", ", _options.SchedulerNames), _options.MinWaiting);
        while (true)
        {
            var goesOn = false;
            try
            {
                goesOn = await RunOnceAsync(stopping).ConfigureAwait(false);
            }
            catch (Exception problem) when (!stopping.IsCancellationRequested)
            {
                // Nominations are a help, not a duty: the service goes on without this one.
                LogPlanFailed(problem);
                _pausedUntil = After(TransientPause);
            }

            if (!goesOn) await Task.Delay(_planTook * RestPerPlan > MinRest ? _planTook * RestPerPlan : MinRest, _time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at the queue once and makes the writes that follow, as far as the limits allow. Not to be called while it runs.</summary>
    /// <returns>Whether there is more to write at once.</returns>
    internal async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var snapshot = _gate.Refusal is not null || _time.GetTimestamp() < _pausedUntil ? null : await LookAsync(cancellationToken).ConfigureAwait(false);
        if (snapshot is null)
        {
            _pace.End();
            return false;
        }

        var started = _time.GetTimestamp();
        var plan = NominationPlan.Make(
            new PlannedCluster(snapshot, _ledgerOptions, _resolver, _strategyFor), _waiting, MayNominate, pod => PlannedMember.Of(snapshot, _gangs, pod),
            MaxWritesPerPlan);
        _planTook = _time.GetElapsedTime(started);
        Interlocked.Increment(ref _plans);
        Volatile.Write(ref _standing, plan.Standing);

        _unfinished = true;
        foreach (var write in plan.Corrections)
        {
            if (!_bucket.TryTake()) return false;
            var status = await WriteAsync(write, cancellationToken).ConfigureAwait(false);
            if (status is null || !Settle(write, status)) return false;
        }

        var additions = plan.Standing + plan.Additions.Count >= _options.MinWaiting ? plan.Additions : Overdue(plan.Additions);
        var count = 0;
        while (count < additions.Count && _bucket.TryTake()) count++;

        // Where our own limit leaves few of them, kube-scheduler is faster without us.
        if (count > 0 && (count == additions.Count || count >= _options.MinWaiting)) _pace.Begin(plan.Standing, snapshot.NodeCount);
        else _pace.End();
        if (!await AddAsync(additions, count, cancellationToken).ConfigureAwait(false)) return false;

        _unfinished = plan.IsCut || count < additions.Count;
        return plan.IsCut && count == additions.Count;
    }

    /// <summary>The pods among these that kube-scheduler should have placed long ago; takes note of when the next of them will be one.</summary>
    private List<NominationWrite> Overdue(IReadOnlyList<NominationWrite> additions)
    {
        var overdue = new List<NominationWrite>();
        var now = _time.GetUtcNow();
        foreach (var addition in additions)
        {
            var rest = _options.LoneAfter - (now - addition.Pod.Pod.CreatedAt);
            if (rest <= TimeSpan.Zero) overdue.Add(addition);
            else _lookAgainAt = Math.Min(_lookAgainAt ?? long.MaxValue, After(rest));
        }

        return overdue;
    }

    /// <summary>Fills <see cref="_waiting"/>; the snapshot that goes with it, or null when nothing has changed since it was planned last.</summary>
    private async Task<ClusterSnapshot?> LookAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        var planned = _unfinished || now >= _lookAgainAt ? default : _planned;
        var (snapshot, waiting, count, over) = await _pump.AskAsync(ledger => Copy(ledger, planned), cancellationToken).ConfigureAwait(false);
        if (snapshot is null) return null;

        _planned = (snapshot, waiting);
        foreach (var uid in over) _memory.Forget(uid);
        _waiting.Clear();
        var restUntil = After(OverruledRest);
        for (var i = 0; i < count; i++) _waiting.Add(_memory.See(_buffer[i], now, restUntil));
        _lookAgainAt = _memory.NextRest(now);
        Interlocked.Exchange(ref _overruled, _memory.Overruled);
        return snapshot;
    }

    /// <summary>Runs on the writer, so it only copies.</summary>
    private (ClusterSnapshot? Snapshot, long Waiting, int Count, List<string> Over) Copy(ClusterLedger ledger, (ClusterSnapshot? Snapshot, long Waiting) planned)
    {
        var snapshot = ledger.Publish();
        if (ReferenceEquals(snapshot, planned.Snapshot) && ledger.WaitingGeneration == planned.Waiting) return (null, 0, 0, []);
        var count = 0;
        if (_buffer.Length < ledger.WaitingCount) _buffer = new Pod[ledger.WaitingCount * 2];
        foreach (var pod in ledger.Waiting) _buffer[count++] = pod;

        // A pod that is only assumed may come back when its bind fails.
        var over = _memory.Uids.Where(uid => ledger.StateOf(uid) is null or PodState.Confirmed).ToList();
        return (snapshot, ledger.WaitingGeneration, count, over);
    }

    private bool MayNominate(Pod pod) =>
        !pod.HasOtherConstraints && !pod.IsTerminating && pod.SchedulingGroup.Length == 0 && _schedulers.Contains(pod.SchedulerName);

    /// <summary>Writes the first so many nominations, several at a time; false when something went wrong that the rest should not run into.</summary>
    private async Task<bool> AddAsync(IReadOnlyList<NominationWrite> writes, int count, CancellationToken cancellationToken)
    {
        var statuses = new ApiStatus?[count];
        var isStopped = false;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelWrites, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, count, parallel, async (i, token) =>
        {
            if (Volatile.Read(ref isStopped)) return;
            statuses[i] = await WriteAsync(writes[i], token).ConfigureAwait(false);
            if (statuses[i] is not { } status || PauseAfter(status) is not null) Volatile.Write(ref isStopped, true);
            else if (status.IsSuccess) _pace.Written();
        }).ConfigureAwait(false);

        var isWell = !isStopped;
        for (var i = 0; i < count; i++)
        {
            if (statuses[i] is { } status) isWell &= Settle(writes[i], status);
        }

        return isWell;
    }

    /// <summary>Null when we may not write any more.</summary>
    private async Task<ApiStatus?> WriteAsync(NominationWrite write, CancellationToken cancellationToken)
    {
        if (_gate.Refusal is not null) return null;
        var pod = write.Pod.Pod;
        var result = await _api.PatchNominatedNodeAsync(pod.Namespace, pod.Name, write.To, pod.ResourceVersion, cancellationToken).ConfigureAwait(false);
        return result.Status;
    }

    /// <summary>Takes note of what became of a write; false when writing should pause.</summary>
    private bool Settle(NominationWrite write, ApiStatus status)
    {
        if (status.IsSuccess)
        {
            _memory.Written(write.Pod.Pod, write.To);
            Interlocked.Increment(ref write.To is null ? ref _withdrawn : ref write.Pod.NodeName is null ? ref _nominated : ref _moved);
            return true;
        }

        if (status.MayHaveHappened)
        {
            _memory.Unanswered(write.Pod.Pod, write.To, After(UnansweredRest));
            _lookAgainAt = Math.Min(_lookAgainAt ?? long.MaxValue, After(UnansweredRest));
        }
        else if (!status.IsTransient)
        {
            _memory.Refused(write.Pod);
        }

        if (status.IsConflict || status.IsNotFound)
        {
            Interlocked.Increment(ref _conflicts);
            return true;
        }

        Interlocked.Increment(ref _failed);
        LogWriteFailed(write.Pod.Pod.FullName, status);
        if (PauseAfter(status) is not { } pause) return true;
        _pausedUntil = Math.Max(_pausedUntil, After(pause));
        return false;
    }

    private static TimeSpan? PauseAfter(ApiStatus status) =>
        status.IsForbidden || status.IsUnauthorized ? ForbiddenPause
        : status.IsTransient || status.MayHaveHappened ? status.RetryAfter ?? TransientPause
        : null;

    private long After(TimeSpan span) => _time.GetTimestamp() + (long)(span.TotalSeconds * _time.TimestampFrequency);

    [LoggerMessage(160, LogLevel.Information, "Nominating nodes ahead for pods of {Schedulers} while at least {MinWaiting} wait")]
    private partial void LogStarted(string schedulers, int minWaiting);

    [LoggerMessage(161, LogLevel.Warning, "The nomination of pod {Pod} could not be written: {Status}")]
    private partial void LogWriteFailed(string pod, ApiStatus status);

    [LoggerMessage(162, LogLevel.Error, "The queue could not be planned; trying again")]
    private partial void LogPlanFailed(Exception problem);
}
