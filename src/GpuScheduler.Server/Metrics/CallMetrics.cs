using System.Diagnostics.Metrics;
using GpuScheduler.Extender;

namespace GpuScheduler.Server.Metrics;

/// <summary>
/// Counts and times the calls of the verbs. Allocates nothing. Durations go to a histogram; the rest is counted in plain numbers that are read when
/// somebody asks: an instrument looks its labels up on every count, and filter counts several things.
/// </summary>
internal sealed class CallMetrics : IExtenderObserver
{
    private static readonly KeyValuePair<string, object?>[] Verbs =
        [.. Enum.GetValues<ExtenderVerb>().Select(verb => Label("verb", verb.ToString().ToLowerInvariant()))];

    private static readonly KeyValuePair<string, object?> Ok = Label("outcome", "ok");
    private static readonly KeyValuePair<string, object?> Error = Label("outcome", "error");

    private readonly Histogram<double> _duration;
    private readonly Counts _binds = new("outcome", "bound", "refused", "error");
    private readonly Counts _shapes = new("result", "hit", "miss");
    private readonly Counts _rejected = new("cause", [.. RejectionLabels.Names]);
    private long _nowhere;

    public CallMetrics(Meter meter)
    {
        _duration = meter.CreateHistogram(
            "gpu_scheduler.verb.duration", "s", "Time from the end of a request's body to the end of its answer.", tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                    [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
            });
        meter.CreateObservableCounter(
            "gpu_scheduler.binds", _binds.Read, "{bind}", "Binds by outcome: bound, refused (by us or by the API server), error (the request could not be read).");
        meter.CreateObservableCounter(
            "gpu_scheduler.shape_cache.lookups", _shapes.Read, "{lookup}",
            "Filter and prioritize calls by whether the pod's shape was remembered from an earlier one (hit) or not (miss).");
        meter.CreateObservableCounter("gpu_scheduler.filter.nowhere", () => Interlocked.Read(ref _nowhere), "{call}", "Filter calls that found no node for their pod.");
        meter.CreateObservableCounter(
            "gpu_scheduler.rejected_nodes", _rejected.Read, "{node}", "How often filter turned a node down, by cause; of several causes one is counted.");
    }

    public void CallEnded(in ExtenderCall call)
    {
        _duration.Record(call.Duration.TotalSeconds, Verbs[(int)call.Verb], call.Error is null ? Ok : Error);
        if (call.Verb == ExtenderVerb.Bind)
        {
            _binds.Add(call.Counts.NodesOut > 0 ? 0 : call.Counts.NodesIn > 0 ? 1 : 2, 1);
            return;
        }

        if (call.Error is not null || call.Verb == ExtenderVerb.Preempt) return;
        _shapes.Add(call.IsShapeKnown ? 0 : 1, 1);
        if (call.Verb != ExtenderVerb.Filter) return;
        if (call.Counts is { NodesOut: 0, NodesIn: > 0 }) Interlocked.Increment(ref _nowhere);
        for (var i = 0; i < call.Rejected.Length; i++)
        {
            if (call.Rejected[i] > 0) _rejected.Add(i, call.Rejected[i]);
        }
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    /// <summary>One count per value of a label; what was never counted is not shown.</summary>
    private sealed class Counts(string label, params string[] values)
    {
        private readonly KeyValuePair<string, object?>[] _labels = [.. values.Select(value => Label(label, value))];
        private readonly long[] _counts = new long[values.Length];

        public void Add(int value, long count) => Interlocked.Add(ref _counts[value], count);

        public IEnumerable<Measurement<long>> Read()
        {
            for (var i = 0; i < _counts.Length; i++)
            {
                if (Interlocked.Read(ref _counts[i]) is > 0 and var count) yield return new Measurement<long>(count, _labels[i]);
            }
        }
    }
}
