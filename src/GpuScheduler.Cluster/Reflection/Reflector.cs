using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>
/// Keeps a sink level with one kind of object of the API server: lists, watches on from there, and begins anew whenever the server no
/// longer remembers where we were. Over any sequence of cuts, retries and relists the sink sees every object's way to its newest state in
/// order, and nothing twice.
/// </summary>
/// <remarks>
/// Learned from client-go <c>tools/cache/reflector.go</c>, with these differences: lists are always read at the newest version (never back in
/// time after a failover of API servers); differences are worked out here, so that a relist hands over only what changed and deletes what
/// vanished; a failed watch resumes where it was unless the server says that it cannot. One loop; the properties may be read from any thread.
/// </remarks>
/// <typeparam name="T">What is kept of an object.</typeparam>
public sealed class Reflector<T>
{
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    private readonly IKubernetesApi _api;
    private readonly IObjectReader<T> _reader;
    private readonly ReflectorOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Backoff _backoff;
    private readonly ReflectorLog _log;
    private readonly ReflectorState _state;
    private readonly ChangeFeed<T> _feed;
    private readonly RelistRequests _requests = new();
    private bool _watchListRefused;

    /// <summary>A reflector at rest; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="api">The API server.</param>
    /// <param name="reader">Reads an object, keeping what matters.</param>
    /// <param name="sink">Is told what changes.</param>
    /// <param name="options">What to follow.</param>
    /// <param name="time">Clock for pauses and for <see cref="Staleness"/>.</param>
    /// <param name="random">Source of jitter; used by this reflector alone.</param>
    /// <param name="log">Where failures and unreadable objects are reported.</param>
    public Reflector(
        IKubernetesApi api,
        IObjectReader<T> reader,
        IReflectorSink<T> sink,
        ReflectorOptions options,
        TimeProvider time,
        Random random,
        ILogger<Reflector<T>> log)
    {
        _api = api;
        _reader = reader;
        _options = options;
        UseWatchList = options.UseWatchList;
        _time = time;
        _random = random;
        _backoff = Backoff.ForReflector(time, random);
        _log = new ReflectorLog(log, options.Resource.Plural);
        _state = new ReflectorState(time);
        _feed = new ChangeFeed<T>(sink, reader, _state, _log);
    }

    /// <summary>Whether a whole list has been handed over since the start.</summary>
    public bool HasSynced => _state.HasSynced;

    /// <summary>
    /// Time since the last sign of life: a list page, an event or a bookmark. On a quiet cluster bookmarks come about once a minute, so a limit
    /// below two minutes raises false alarms. <see cref="TimeSpan.MaxValue"/> before the first sign.
    /// </summary>
    public TimeSpan Staleness => _state.Staleness;

    /// <summary>Version up to which everything has been handed over; empty before the first list.</summary>
    public string ResourceVersion => _state.ResourceVersion;

    /// <summary>What was done so far.</summary>
    public ReflectorCounters Counters => _state.Counters;

    /// <summary>Lists and watches until cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mustList = true;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var watch = _requests.BeginWatch(cancellationToken);
            mustList |= watch.IsListWanted;
            if (mustList && !UsesWatchList)
            {
                if (!await TryListAsync(cancellationToken)) continue;
                mustList = false;
                if (_requests.IsPending) continue; // asked for while the list was already under way
            }

            try
            {
                mustList = await WatchAsync(mustList, watch.Token, cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && watch.Token.IsCancellationRequested)
            {
                mustList = true;
            }
        }
    }

    /// <summary>
    /// Lists anew, beginning after this call, and completes once everything is handed over: what a new leader waits for before it trusts what it
    /// knows. The watch is interrupted for it. Needs <see cref="RunAsync"/> to be running.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting; the list is made all the same.</exception>
    public Task RelistAsync(CancellationToken cancellationToken) => _requests.Add().WaitAsync(cancellationToken);

    /// <summary>
    /// Whether to ask for the state as a stream before falling back to lists; from <see cref="ReflectorOptions.UseWatchList"/> unless the server's version,
    /// learned later, says otherwise (<see cref="ServerInfo.LikelyOffersWatchList"/>). Set it before <see cref="RunAsync"/>.
    /// </summary>
    public bool UseWatchList { get; set; }

    private bool UsesWatchList => UseWatchList && !_watchListRefused;

    private static bool LosesPosition(ApiStatus status) =>
        status.IsGone || status.Causes.Any(c => c.Reason == "ResourceVersionTooLarge") || status.Outcome switch
        {
            ApiOutcome.Lost or ApiOutcome.NotSent => false,
            // these say something about the server or about us, nothing about the version
            ApiOutcome.Refused => status.Code is not (401 or 403 or 408 or 429 or 502 or 503 or 504),
            _ => true,
        };

    private async Task<bool> TryListAsync(CancellationToken cancellationToken)
    {
        var requests = _requests.Take();
        _feed.BeginList();
        var options = new ListOptions { Namespace = _options.Namespace, FieldSelector = _options.FieldSelector, Limit = _options.PageSize };
        while (true)
        {
            var buffer = new PageBuffer<T>();
            var result = await _api.ListAsync(_options.Resource, _reader, buffer, options, cancellationToken);
            if (!result.TryGet(out var page, out var status))
            {
                if (status.IsGone && options.Continue is not null)
                {
                    // the pages came too slowly for the server's memory: all at once then, as client-go's pager does
                    _feed.BeginList();
                    options = options with { Continue = null, Limit = null };
                    continue;
                }

                _requests.PutBack(requests);
                _state.ListFailed();
                await PauseAsync(status, (log, pause) => log.ListFailed(status, pause), cancellationToken);
                return false;
            }

            _state.SignOfLife();
            foreach (var bad in buffer.Bad) _feed.UnreadableInList(bad);
            foreach (var value in buffer.Values) await _feed.ListedAsync(value, cancellationToken);
            if (page.Continue.Length > 0)
            {
                options = options with { Continue = page.Continue };
                continue;
            }

            await _feed.EndListAsync(page.ResourceVersion, cancellationToken);
            requests.Complete();
            return true;
        }
    }

    /// <summary>One watch, from its start to its end. With <paramref name="isList"/> it brings the whole state first (watch-list).</summary>
    /// <returns>Whether a list is needed before the next watch.</returns>
    private async Task<bool> WatchAsync(bool isList, CancellationToken watchToken, CancellationToken cancellationToken)
    {
        var requests = isList ? _requests.Take() : RelistRequests.Batch.Empty;
        if (isList) _feed.BeginList();
        var listing = isList;
        var options = new WatchOptions
        {
            Namespace = _options.Namespace,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = isList ? null : _state.ResourceVersion,
            SendInitialEvents = isList,
            Timeout = _options.MinWatchTimeout * (1 + _random.NextDouble()),
            OnBadObject = bad =>
            {
                if (listing) _feed.UnreadableInList(bad);
                else _feed.UnreadableInWatch(bad);
            },
        };
        _state.WatchStarted();
        var began = _time.GetTimestamp();
        var events = 0;
        ApiStatus? failure = null;
        try
        {
            await foreach (var e in _api.WatchAsync(_options.Resource, _reader, options, watchToken))
            {
                if (e.Type == WatchEventType.Error)
                {
                    failure = e.Status;
                    break;
                }

                events++;
                _state.SignOfLife();
                if (!listing)
                {
                    await _feed.WatchedAsync(e, cancellationToken);
                }
                else if (e.IsInitialEventsEnd)
                {
                    await _feed.EndListAsync(e.Meta.ResourceVersion, cancellationToken);
                    listing = false;
                    requests.Complete();
                    requests = RelistRequests.Batch.Empty;
                }
                else if (e.Type == WatchEventType.Deleted)
                {
                    // what happens meanwhile is mixed in before the closing bookmark
                    await _feed.DeletedAsync(e.Meta, cancellationToken);
                }
                else if (e.HasObject)
                {
                    await _feed.ListedAsync(e.Object, cancellationToken);
                }
            }
        }
        finally
        {
            _requests.PutBack(requests);
        }

        if (listing)
        {
            _state.ListFailed();
            // old servers, and those with the feature switched off, call the request invalid
            if (failure is { IsInvalid: true })
            {
                _watchListRefused = true;
                _log.WatchListRefused(failure);
                return true;
            }
        }

        var loses = listing || (failure is not null && LosesPosition(failure));
        // A server that cannot get rid of its events fast enough cuts the watch; then every moment counts.
        var isVain = events == 0 && _time.GetElapsedTime(began) < ShortWatch;
        if (failure is null && !isVain && !listing)
        {
            _state.SignOfLife(); // it ended when we had asked for it, or brought more than the server could get rid of
            return false;
        }

        _state.WatchFailed();
        failure ??= new ApiStatus(ApiOutcome.Lost, 0, "", "the server ended the watch at once");
        if (isVain || failure.RetryAfter is not null || listing)
        {
            await PauseAsync(failure, (log, pause) => log.WatchFailed(failure, loses, pause), watchToken);
        }
        else
        {
            _log.WatchFailed(failure, loses, TimeSpan.Zero);
        }

        return loses;
    }

    private Task PauseAsync(ApiStatus status, Action<ReflectorLog, TimeSpan> report, CancellationToken cancellationToken)
    {
        var pause = _backoff.NextPause(status.RetryAfter);
        report(_log, pause);
        return Task.Delay(pause, _time, cancellationToken);
    }
}
