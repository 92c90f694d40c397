using System.Text.Json;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;
using GpuScheduler.Extender.Recording;
using GpuScheduler.Extender.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.ObjectPool;

namespace GpuScheduler.Extender;

/// <summary>
/// The four verbs, from the bytes of a request to the bytes of its answer; HTTP is around it (<see cref="ExtenderEndpoints"/>). Whatever
/// the body holds, there is an answer. Filter, prioritize and preempt have no side effects but a bounded memory of pods and of answers that
/// are still true. Safe for concurrent use.
/// </summary>
public sealed partial class ExtenderVerbs
{
    /// <summary>Room for so many calls at a time is kept; kube-scheduler has one or two under way, and many binds.</summary>
    private const int KeptCalls = 32;

    private readonly SnapshotStore _store;
    private readonly IPodBinder _binder;
    private readonly IScoringPolicy _scoring;
    private readonly ScoringResolver _resolver;
    private readonly PodReader _podReader;
    private readonly PreemptionReader _preemptionReader;
    private readonly FullNodes _fullNodes;
    private readonly VictimSelection _victims;
    private readonly SeenPods _seen;
    private readonly GangAnswers _gangs;
    private readonly SchedulerPeer _peer;
    private readonly IExtenderObserver? _observer;
    private readonly DecisionRing? _decisions;
    private readonly IFilterPace? _pace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DefaultObjectPool<CallBuffers> _calls;
    private readonly DefaultObjectPool<CallBuffers> _binds;
    private readonly FailureMaps _maps;
    private readonly FailureMaps _mapsForOldPeers;

    /// <summary>Puts the verbs together.</summary>
    /// <param name="store">Where the newest snapshot is.</param>
    /// <param name="binder">Carries out binds.</param>
    /// <param name="scoring">Chooses the strategy that prioritize answers with.</param>
    /// <param name="ledgerOptions">The options of the ledger that the snapshots come from.</param>
    /// <param name="options">The extender's own options.</param>
    /// <param name="peer">What is known of the kube-scheduler that calls; null for one of today.</param>
    /// <param name="observer">Is told of every call; null for nobody.</param>
    /// <param name="time">Measures calls.</param>
    /// <param name="logger">Is told of calls that failed.</param>
    /// <param name="gangs">Plans gangs; the binder's, so that it binds as filter said. Null to plan for itself.</param>
    /// <param name="decisions">Remembers the last calls; null for nothing.</param>
    /// <param name="pace">Keeps answers of filter back while that serves kube-scheduler; null for never.</param>
    public ExtenderVerbs(
        SnapshotStore store,
        IPodBinder binder,
        IScoringPolicy scoring,
        LedgerOptions ledgerOptions,
        ExtenderOptions? options = null,
        SchedulerPeer? peer = null,
        IExtenderObserver? observer = null,
        TimeProvider? time = null,
        ILogger<ExtenderVerbs>? logger = null,
        GangPlans? gangs = null,
        DecisionRing? decisions = null,
        IFilterPace? pace = null)
    {
        Options = options ?? new ExtenderOptions();
        _store = store;
        _binder = binder;
        _scoring = scoring;
        _resolver = new ScoringResolver(ledgerOptions.Catalog);
        _podReader = new PodReader(ledgerOptions.Catalog);
        _preemptionReader = new PreemptionReader(_podReader);
        _fullNodes = new FullNodes(new NodeReader(ledgerOptions.Catalog), ledgerOptions.ForTrial());
        _victims = new VictimSelection(ledgerOptions.ForTrial());
        _seen = new SeenPods(Options.RememberedPods, _podReader);
        _gangs = new GangAnswers(gangs ?? new GangPlans(ledgerOptions), _podReader);
        _peer = peer ?? new SchedulerPeer();
        _observer = observer;
        _decisions = decisions;
        _pace = pace;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<ExtenderVerbs>.Instance;
        _maps = new FailureMaps(Options, knowsUnresolvable: true);
        _mapsForOldPeers = new FailureMaps(Options, knowsUnresolvable: false);
        var shapes = new ShapeMemory(Options.RememberedShapes);
        _calls = NewPool();
        _binds = NewPool();

        DefaultObjectPool<CallBuffers> NewPool() => new(new CallBuffers.Pooling(() => new AskedPod(_podReader, shapes, _seen)), KeptCalls);
    }

    /// <summary>The options in force.</summary>
    internal ExtenderOptions Options { get; }

    /// <summary>Whether requests are read by <see cref="RequestScanner"/> where it can; a test switches it off to compare.</summary>
    internal bool UsesScanner { get; set; } = true;

    /// <summary>Room for one call. Many binds wait for the API server at a time; those must not hold the room that filter has grown.</summary>
    internal CallBuffers Rent(ExtenderVerb verb = ExtenderVerb.Filter) => PoolOf(verb).Get();

    /// <summary>Takes the room back when the answer is sent.</summary>
    internal void Return(CallBuffers call, ExtenderVerb verb = ExtenderVerb.Filter) => PoolOf(verb).Return(call);

    /// <summary>Answers the request in <see cref="CallBuffers.Body"/> into <see cref="CallBuffers.Answer"/>; any verb but bind.</summary>
    internal void Answer(ExtenderVerb verb, CallBuffers call)
    {
        var started = _time.GetTimestamp();
        try
        {
            switch (verb)
            {
                case ExtenderVerb.Filter:
                    Filter(call);
                    break;
                case ExtenderVerb.Prioritize:
                    Prioritize(call);
                    break;
                case ExtenderVerb.Preempt:
                    Preempt(call);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(verb), verb, "bind is answered by BindAsync");
            }
        }
        catch (Exception problem)
        {
            Fail(verb, call, problem);
        }

        End(verb, call, started);
    }

    /// <summary>To be awaited before the answer is sent; kube-scheduler asks about one node alone where the pod is nominated for it.</summary>
    internal Task PaceAsync(ExtenderVerb verb, CallBuffers call, CancellationToken cancellationToken) =>
        verb == ExtenderVerb.Filter && _pace is not null && call.Notes.Counts is { NodesIn: 1, NodesOut: 1 } ? _pace.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Answers a bind request.</summary>
    internal async ValueTask BindAsync(CallBuffers call, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        try
        {
            var request = BindReader.Read(call.Body.Written);
            var outcome = await _binder.BindAsync(request with { Seen = () => _seen.Find(request.Uid) }, cancellationToken);
            (call.Notes.Bound, call.Notes.DeviceMask) = (request, outcome.DeviceMask);
            call.Notes.Counts = new CallCounts { NodesIn = 1, NodesOut = outcome.IsBound ? 1 : 0 };
            if (!outcome.IsBound) call.Notes.Error = outcome.Error;
            AnswerWriter.WriteError(call.Answer, ExtenderVerb.Bind, outcome.Error);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(ExtenderVerb.Bind, call, problem);
        }

        End(ExtenderVerb.Bind, call, started);
    }

    /// <summary>Answers a request whose body was not read to its end because it is too long.</summary>
    internal void AnswerTooLong(ExtenderVerb verb, CallBuffers call)
    {
        var started = _time.GetTimestamp();
        call.Body.Clear();
        Fail(verb, call, new MalformedRequestException(
            $"the request body is longer than {Options.MaxBodyBytes} bytes; set nodeCacheCapable: true for this extender, or raise the limit"));
        End(verb, call, started);
    }

    private DefaultObjectPool<CallBuffers> PoolOf(ExtenderVerb verb) => verb == ExtenderVerb.Bind ? _binds : _calls;

    private void Filter(CallBuffers call)
    {
        var (snapshot, answers, whole) = ReadArguments(call);
        var fits = call.Fits(snapshot);
        var failed = call.Failed;
        ReadOnlySpan<ulong> offered = fits;
        if (_gangs.PlanFor(call.Cluster, call.Pod) is { } plan)
        {
            if (_gangs.Offer(plan, call.Pod, snapshot, call.Asked, fits) is { } reason) failed.Tell(call.Asked, call.Body.Written, snapshot, reason);
        }
        else
        {
            answers.Fits(snapshot, call.Asked.Rows, fits);
            offered = Choose(call, snapshot, answers, fits);
            answers.Explain(snapshot, call.Asked.Rows, fits, failed);
            failed.AddOthers(call.Asked, call.Body.Written, call.Unreadable);
        }

        if (_decisions is not null) call.Notes.DecidedAt = _time.GetTimestamp();
        var maps = _peer.KnowsUnresolvable ? _maps : _mapsForOldPeers;
        FilterAnswer.Write(call, offered, snapshot, whole, maps);
        failed.CopyLabelsTo(call.Notes.Rejected);
        call.Notes.Counts = CountsOf(call, offered, maps);
    }

    private static CallCounts CountsOf(CallBuffers call, ReadOnlySpan<ulong> offered, FailureMaps maps)
    {
        var counts = new CallCounts { NodesIn = call.Asked.Count, NodesOut = RowBits.Count(offered), Unknown = call.Asked.UnknownCount };
        foreach (var rejection in maps.Failed) counts.Resolvable += call.Failed.CountOf(rejection);
        foreach (var rejection in maps.FailedAndUnresolvable) counts.Unresolvable += call.Failed.CountOf(rejection);
        counts.OnlyExtenderSees = call.Failed.CountOf(RejectionClass.OnlyExtenderSees);
        counts.LeftOut = counts.NodesIn - counts.NodesOut - call.Failed.Count;
        return counts;
    }

    /// <summary>The shortlist, one bit per row; all that are feasible when they are not too many.</summary>
    private ReadOnlySpan<ulong> Choose(CallBuffers call, ClusterSnapshot snapshot, ShapeAnswers answers, ReadOnlySpan<ulong> fits)
    {
        if (Options.Shortlist <= 0 || call.Asked.Count <= Options.Shortlist) return fits;
        var strategy = call.Notes.Strategy = _scoring.StrategyFor(answers.Shape);
        if (RowBits.Count(fits) <= Options.Shortlist) return fits;
        var scores = call.Scores(snapshot);
        answers.Scores(snapshot, fits, strategy, _resolver, scores);
        return call.Shortlist.Choose(fits, scores, snapshot, LevelOf(snapshot.Tables.Levels), Options.Shortlist);
    }

    private int LevelOf(TopologyLevels levels)
    {
        for (var level = 0; level < levels.Keys.Count; level++)
        {
            if (levels.Keys[level] == Options.ShortlistSpreadLabel) return level;
        }

        return -1;
    }

    /// <summary>Reads the arguments of filter and prioritize. The snapshot to answer from is one of the request's own nodes when it brings them whole.</summary>
    private (ClusterSnapshot Snapshot, ShapeAnswers Answers, bool Whole) ReadArguments(CallBuffers call)
    {
        var snapshot = call.Cluster = _store.Current;
        var whole = false;
        if (!TryScan(snapshot, call))
        {
            var body = call.Body.Written;
            var fields = RequestFields.Find(body);
            if (fields.Pod.IsNull) throw new MalformedRequestException("malformed request: Pod is missing");
            call.Pod.Read(body, fields.Pod.Start);
            whole = fields.NodeNames.IsNull && !fields.Nodes.IsNull;
            if (whole) snapshot = _fullNodes.Read(body, fields.Nodes, snapshot, call.Asked, call.Unreadable);
            else call.Asked.Read(body, fields.NodeNames, snapshot);
        }

        // What nodes brought in the request answer is true of this call alone.
        var answers = whole ? new ShapeAnswers(call.Pod.Answers.Shape) : call.Pod.Answers;
        call.Notes.Shape = answers.Shape;
        call.Notes.IsShapeKnown = call.Pod.IsKnown;
        call.Notes.Generation = snapshot.Generation;
        call.Notes.Snapshot = whole ? null : snapshot;
        if (_decisions is not null) call.Notes.ReadAt = _time.GetTimestamp();
        return (snapshot, answers, whole);
    }

    private bool TryScan(ClusterSnapshot snapshot, CallBuffers call)
    {
        if (!UsesScanner) return false;
        try
        {
            return new RequestScanner(call.Body.Padded, call.Body.Length).TryRead(snapshot, call.Names, call.Asked, call.Pod);
        }
        catch (Exception problem) when (problem is JsonException or MalformedRequestException)
        {
            // The general way finds the first fault of the body, and counts its offset from the body's start.
            return false;
        }
    }

    private void Prioritize(CallBuffers call)
    {
        var (snapshot, answers, _) = ReadArguments(call);
        var fits = call.Fits(snapshot);
        answers.Fits(snapshot, call.Asked.Rows, fits);
        var scores = call.Scores(snapshot);
        answers.Scores(snapshot, fits, call.Notes.Strategy = _scoring.StrategyFor(answers.Shape), _resolver, scores);
        ScoreNormalizer.Normalize(scores, call.ScoresAnswer.ScoresOf(snapshot));
        if (_decisions is not null) call.Notes.DecidedAt = _time.GetTimestamp();
        call.ScoresAnswer.Write(call, snapshot);
        call.Notes.Counts = new CallCounts { NodesIn = call.Asked.Count, NodesOut = RowBits.Count(fits), Unknown = call.Asked.UnknownCount };
    }

    private void Preempt(CallBuffers call)
    {
        var body = call.Body.Written;
        var snapshot = _store.Current;
        var fields = RequestFields.Find(body);
        var pod = AskedPod.ReadPod(_podReader, body, fields.Pod);
        var proposals = _preemptionReader.Read(body, fields);

        // Evicting for one pod of a gang makes no room for the gang.
        var nodes = GangMembership.Of(pod) is null ? _victims.Select(snapshot, pod, proposals) : [];
        call.Answer.Clear();
        AnswerWriter.WritePreemption(call.Answer.Own, nodes);
        call.Notes.Shape = pod.Shape;
        call.Notes.Preemptor = fields.Pod;
        call.Notes.Generation = snapshot.Generation;
        call.Notes.Counts = new CallCounts { NodesIn = proposals.Count, NodesOut = nodes.Count };
    }

    private void Fail(ExtenderVerb verb, CallBuffers call, Exception problem)
    {
        var malformed = problem switch
        {
            MalformedRequestException known => known,
            JsonException json => MalformedRequestException.NotJson(call.Body.Written, json),
            _ => null,
        };
        if (malformed is not null) Log.RequestMalformed(_logger, verb, malformed.Message);
        else Log.CallFailed(_logger, verb, problem);
        call.Notes.Error = malformed?.Message ?? $"gpu-scheduler failed to answer {verb}: {problem.Message}";
        AnswerWriter.WriteError(call.Answer, verb, call.Notes.Error);
    }

    private void End(ExtenderVerb verb, CallBuffers call, long started)
    {
        var ended = _time.GetTimestamp();
        var notes = call.Notes;
        _observer?.CallEnded(new ExtenderCall
        {
            Verb = verb,
            Duration = _time.GetElapsedTime(started, ended),
            Counts = notes.Counts,
            Rejected = notes.Rejected,
            Shape = notes.Shape,
            IsShapeKnown = notes.IsShapeKnown,
            Generation = notes.Generation,
            Error = notes.Error,
        });
        _decisions?.Record(verb, call, ToldOfPod(verb, call), started, ended);
    }

    private static ReadOnlySpan<byte> ToldOfPod(ExtenderVerb verb, CallBuffers call) => verb switch
    {
        ExtenderVerb.Bind => call.Body.Written,
        ExtenderVerb.Preempt => call.Notes.Preemptor.Of(call.Body.Written),
        _ => call.Notes.Shape is null ? [] : call.Pod.Json,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Verb}: {Problem}")]
        public static partial void RequestMalformed(ILogger logger, ExtenderVerb verb, string problem);

        [LoggerMessage(2, LogLevel.Error, "{Verb} failed")]
        public static partial void CallFailed(ILogger logger, ExtenderVerb verb, Exception problem);
    }
}
