using System.Globalization;
using System.Threading.Channels;
using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Events;

/// <summary>
/// Tells people what was done, as Kubernetes Events. <see cref="Record"/> never waits and never fails: events are written in the background,
/// equal ones as one event with a count, too many about one object not at all, and when the API server cannot keep up the surplus is dropped
/// and counted.
/// </summary>
/// <remarks>Learned from client-go <c>tools/events/event_broadcaster.go</c> and <c>tools/record/events_cache.go</c>.</remarks>
public sealed partial class EventRecorder
{
    private const int MaxNameLength = 253;
    private const int MaxSeries = 4096;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(10);

    private readonly EventRecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRecorder> _log;
    private readonly EventWriter _writer;
    private readonly Channel<KubernetesEvent> _queue;
    private readonly Dictionary<EventKey, Series> _series = [];
    private readonly Dictionary<string, RateBucket> _objects = new(StringComparer.Ordinal);
    private long _sequence;
    private long _recorded;
    private long _written;
    private long _repeated;
    private long _limited;
    private long _dropped;
    private long _failed;

    /// <summary>A recorder whose queue fills; <see cref="RunAsync"/> empties it.</summary>
    public EventRecorder(IKubernetesApi api, EventRecorderOptions options, TimeProvider time, Random random, ILogger<EventRecorder> log)
    {
        _options = options;
        _time = time;
        _log = log;
        _writer = new EventWriter(api, options, time, random);
        _queue = Channel.CreateBounded<KubernetesEvent>(
            new BoundedChannelOptions(options.QueueCapacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    }

    /// <summary>What became of the events so far.</summary>
    public EventCounters Counters => new(
        Interlocked.Read(ref _recorded),
        Interlocked.Read(ref _written),
        Interlocked.Read(ref _repeated),
        Interlocked.Read(ref _limited),
        Interlocked.Read(ref _dropped),
        Interlocked.Read(ref _failed));

    /// <summary>Takes an event in; false when the queue is full. May be called from any thread.</summary>
    /// <param name="regarding">The object it is about; the event lives in its namespace.</param>
    /// <param name="related">Another object involved, such as the node.</param>
    /// <param name="isWarning">Warning or Normal.</param>
    /// <param name="reason">Why, in one word, such as <c>Bound</c>.</param>
    /// <param name="action">What was tried, in one word, such as <c>Binding</c>.</param>
    /// <param name="note">Sentence for people; cut to what the server takes.</param>
    public bool Record(ObjectReference regarding, ObjectReference? related, bool isWarning, string reason, string action, string note)
    {
        var now = _time.GetUtcNow();
        var taken = _queue.Writer.TryWrite(new KubernetesEvent
        {
            Meta = ObjectMeta.Empty with
            {
                Namespace = regarding.Meta.Namespace.Length > 0 ? regarding.Meta.Namespace : "default",
                Name = NameFor(regarding.Meta.Name, now.Ticks + Interlocked.Increment(ref _sequence)),
            },
            EventTime = now,
            ReportingController = _options.ReportingController,
            ReportingInstance = _options.ReportingInstance,
            Action = action,
            Reason = reason,
            Regarding = regarding,
            Related = related,
            IsWarning = isWarning,
            Note = KubernetesEvent.ClipNote(note),
        });
        Interlocked.Increment(ref taken ? ref _recorded : ref _dropped);
        return taken;
    }

    /// <summary>Writes until cancelled, then for a moment what still waits. Returns then; failures are counted and logged.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var flush = Task.Delay(FlushInterval, _time, cancellationToken);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (flush.IsCompleted)
                {
                    await FlushAsync(isEnd: false, cancellationToken);
                    flush = Task.Delay(FlushInterval, _time, cancellationToken);
                }

                if (_queue.Reader.TryRead(out var value)) await HandleAsync(value, cancellationToken);
                else await Task.WhenAny(_queue.Reader.WaitToReadAsync(cancellationToken).AsTask(), flush);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await DrainAsync();
        }
    }

    private static string NameFor(string name, long number)
    {
        var suffix = "." + number.ToString("x", CultureInfo.InvariantCulture);
        return name.Length + suffix.Length <= MaxNameLength ? name + suffix : name[..(MaxNameLength - suffix.Length)].TrimEnd('.', '-') + suffix;
    }

    private async Task DrainAsync()
    {
        using var grace = new CancellationTokenSource(_options.ShutdownGrace, _time);
        try
        {
            while (_queue.Reader.TryRead(out var value)) await HandleAsync(value, grace.Token);
            await FlushAsync(isEnd: true, grace.Token);
        }
        catch (OperationCanceledException)
        {
            LogNotWritten(_queue.Reader.Count);
        }
    }

    private async Task HandleAsync(KubernetesEvent value, CancellationToken cancellationToken)
    {
        var key = EventKey.Of(value);
        var now = _time.GetTimestamp();
        if (_series.TryGetValue(key, out var series))
        {
            Interlocked.Increment(ref _repeated);
            series.Count++;
            series.Last = value.EventTime;
            series.LastAt = now;
            series.IsDirty = true;
            if (series.NextWriteAt <= now) await WriteSeriesAsync(key, series, cancellationToken);
            return;
        }

        if (!MayWriteAbout(value.Regarding))
        {
            Interlocked.Increment(ref _limited);
            return;
        }

        if (!Count(await _writer.CreateAsync(value, cancellationToken), value)) return;
        if (_series.Count >= MaxSeries) _series.Remove(_series.MinBy(s => s.Value.LastAt).Key);
        _series[key] = new Series { First = value, Last = value.EventTime, LastAt = now, NextWriteAt = now };
    }

    private bool MayWriteAbout(ObjectReference regarding)
    {
        var key = $"{regarding.Kind}/{regarding.Meta.Namespace}/{regarding.Meta.Name}/{regarding.Meta.Uid}";
        if (!_objects.TryGetValue(key, out var bucket)) _objects[key] = bucket = new RateBucket(_options.ObjectBurst, _options.ObjectRefill, _time);
        return bucket.TryTake();
    }

    private async Task WriteSeriesAsync(EventKey key, Series series, CancellationToken cancellationToken)
    {
        var written = new EventSeries(series.Count, series.Last);
        series.IsDirty = false;
        series.NextWriteAt = _time.GetTimestamp() + (long)(_options.SeriesInterval.TotalSeconds * _time.TimestampFrequency);
        var status = await _writer.PatchAsync(series.First.Meta, written, cancellationToken);
        if (status.IsNotFound)
        {
            // the server keeps events for an hour or so
            var name = NameFor(series.First.Regarding.Meta.Name, series.Last.Ticks + Interlocked.Increment(ref _sequence));
            series.First = series.First with { Meta = series.First.Meta with { Name = name }, Series = written };
            status = await _writer.CreateAsync(series.First, cancellationToken);
        }

        if (!Count(status, series.First)) _series.Remove(key);
    }

    private async Task FlushAsync(bool isEnd, CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        foreach (var (key, series) in _series.ToList())
        {
            var isOver = _time.GetElapsedTime(series.LastAt, now) >= _options.SeriesEnd;
            if (series.IsDirty && (isOver || isEnd || series.NextWriteAt <= now)) await WriteSeriesAsync(key, series, cancellationToken);
            if (isOver) _series.Remove(key);
        }

        foreach (var (key, bucket) in _objects.ToList())
        {
            if (bucket.IsFull) _objects.Remove(key);
        }
    }

    private bool Count(ApiStatus status, KubernetesEvent value)
    {
        if (status.IsSuccess)
        {
            Interlocked.Increment(ref _written);
            return true;
        }

        Interlocked.Increment(ref _failed);
        LogFailed(value.Reason, value.Regarding.Kind, value.Regarding.Meta.Namespace, value.Regarding.Meta.Name, status);
        return false;
    }

    [LoggerMessage(140, LogLevel.Warning, "Event {Reason} about {Kind} {Namespace}/{Name} could not be written: {Status}")]
    private partial void LogFailed(string reason, string kind, string @namespace, string name, ApiStatus status);

    [LoggerMessage(141, LogLevel.Warning, "Shutdown: {Count} events were not written")]
    private partial void LogNotWritten(int count);

    private sealed class Series
    {
        public required KubernetesEvent First { get; set; }

        public int Count { get; set; } = 1;

        public DateTimeOffset Last { get; set; }

        public long LastAt { get; set; }

        public long NextWriteAt { get; set; }

        public bool IsDirty { get; set; }
    }

    /// <summary>Events that differ in none of these are the same thing happening again.</summary>
    private readonly record struct EventKey(
        string Kind, string Namespace, string Name, string Uid, string Related, bool IsWarning, string Reason, string Action, string Note)
    {
        public static EventKey Of(KubernetesEvent e) => new(
            e.Regarding.Kind,
            e.Regarding.Meta.Namespace,
            e.Regarding.Meta.Name,
            e.Regarding.Meta.Uid,
            e.Related?.Meta.Name ?? "",
            e.IsWarning,
            e.Reason,
            e.Action,
            e.Note);
    }
}
