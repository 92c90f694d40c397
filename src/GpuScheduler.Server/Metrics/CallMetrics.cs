using System.Diagnostics.Metrics;
using GpuScheduler.Extender;

namespace GpuScheduler.Server.Metrics;

/// <summary>Counts and times the calls of the verbs. Allocates nothing: labels are made beforehand, and there are at most two of them.</summary>
internal sealed class CallMetrics : IExtenderObserver
{
    private static readonly KeyValuePair<string, object?>[] Verbs =
        [.. Enum.GetValues<ExtenderVerb>().Select(verb => Label("verb", verb.ToString().ToLowerInvariant()))];

    private static readonly KeyValuePair<string, object?>[] Causes = [.. RejectionLabels.Names.Select(name => Label("cause", name))];

    private static readonly KeyValuePair<string, object?> Ok = Label("outcome", "ok");
    private static readonly KeyValuePair<string, object?> Error = Label("outcome", "error");
    private static readonly KeyValuePair<string, object?> Bound = Label("outcome", "bound");
    private static readonly KeyValuePair<string, object?> Refused = Label("outcome", "refused");
    private static readonly KeyValuePair<string, object?> Hit = Label("result", "hit");
    private static readonly KeyValuePair<string, object?> Miss = Label("result", "miss");

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _binds;
    private readonly Counter<long> _shapes;
    private readonly Counter<long> _nowhere;
    private readonly Counter<long> _rejected;

    public CallMetrics(Meter meter)
    {
        _duration = meter.CreateHistogram(
            "gpu_scheduler.verb.duration", "s", "Time from the end of a request's body to the end of its answer.", tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                    [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
            });
        _binds = meter.CreateCounter<long>(
            "gpu_scheduler.binds", "{bind}", "Binds by outcome: bound, refused (by us or by the API server), error (the request could not be read).");
        _shapes = meter.CreateCounter<long>(
            "gpu_scheduler.shape_cache.lookups", "{lookup}", "Filter and prioritize calls by whether the pod's shape was remembered from an earlier one (hit) or not (miss).");
        _nowhere = meter.CreateCounter<long>(
            "gpu_scheduler.filter.nowhere", "{call}", "Filter calls that found no node for their pod.");
        _rejected = meter.CreateCounter<long>(
            "gpu_scheduler.rejected_nodes", "{node}", "How often filter turned a node down, by cause; of several causes one is counted.");
    }

    public void CallEnded(in ExtenderCall call)
    {
        _duration.Record(call.Duration.TotalSeconds, Verbs[(int)call.Verb], call.Error is null ? Ok : Error);
        if (call.Verb == ExtenderVerb.Bind)
        {
            _binds.Add(1, call.Counts.NodesOut > 0 ? Bound : call.Counts.NodesIn > 0 ? Refused : Error);
            return;
        }

        if (call.Error is not null || call.Verb == ExtenderVerb.Preempt) return;
        _shapes.Add(1, call.IsShapeKnown ? Hit : Miss);
        if (call.Verb != ExtenderVerb.Filter) return;
        if (call.Counts is { NodesOut: 0, NodesIn: > 0 }) _nowhere.Add(1);
        for (var i = 0; i < call.Rejected.Length; i++)
        {
            if (call.Rejected[i] > 0) _rejected.Add(call.Rejected[i], Causes[i]);
        }
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
