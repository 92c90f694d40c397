using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Extender;
using GpuScheduler.Extender.Recording;

namespace GpuScheduler.Server.Http;

/// <summary>
/// Makes decisions out of the calls that are remembered: the calls of one pod, from a filter to what comes before the next, are one decision.
/// Reasons and scores are computed here, from the snapshot and the strategy of that time.
/// </summary>
/// <param name="ring">The calls; null when none are kept.</param>
/// <param name="catalog">Tells which resources are GPUs.</param>
internal sealed class DecisionBodies(DecisionRing? ring, GpuResourceCatalog catalog)
{
    private const int BestNodes = 5;

    private readonly ClusterQuestion _question = new(new ScoringResolver(catalog));

    /// <summary>The newest decisions.</summary>
    public DecisionListBody Newest(int limit) => new(ring?.Recorded ?? 0, [.. Grouped().Take(limit).Select(BodyOf)]);

    /// <summary>The last decision about a pod; null when none is remembered.</summary>
    public DecisionBody? Last(string uid) => Grouped().FirstOrDefault(calls => calls[0].Pod.Uid == uid) is { } calls ? BodyOf(calls) : null;

    /// <summary>The calls of each decision, the newest first; the newest decision first.</summary>
    private List<List<RecordedCall>> Grouped()
    {
        var decisions = new List<List<RecordedCall>>();
        var open = new Dictionary<string, List<RecordedCall>>(StringComparer.Ordinal);
        foreach (var call in ring?.Newest() ?? [])
        {
            if (call.Pod.Uid.Length == 0 || !open.TryGetValue(call.Pod.Uid, out var calls))
            {
                decisions.Add(calls = []);
                if (call.Pod.Uid.Length > 0) open.Add(call.Pod.Uid, calls);
            }

            calls.Add(call);

            // What came before a filter belongs to an earlier try.
            if (call.Verb == ExtenderVerb.Filter) open.Remove(call.Pod.Uid);
        }

        return decisions;
    }

    private DecisionBody BodyOf(List<RecordedCall> newestFirst)
    {
        var newest = newestFirst[0];
        var bind = newestFirst.Find(call => call is { Verb: ExtenderVerb.Bind, Error: null });
        var filter = newestFirst.Find(call => call is { Verb: ExtenderVerb.Filter, Shape: not null });
        var scored = newestFirst.Find(call => call is { Verb: ExtenderVerb.Prioritize, Shape: not null }) ?? (filter?.Strategy is null ? null : filter);
        return new DecisionBody(
            newest.Number, newest.At, newest.Pod.Namespace, newest.Pod.Name, newest.Pod.Uid,
            (filter ?? scored)?.Shape?.ToString(),
            bind?.Node,
            [.. Enumerable.Range(0, 32).Where(device => ((bind?.DeviceMask ?? 0) >> device & 1) != 0)],
            scored?.Strategy?.Name,
            filter is null ? null : Answer(filter) is { } rejected ? PodBodies.ReasonsOf(rejected) : null,
            scored is null ? null : Answer(scored) is { } best ? ExplainBodies.BestOf(best) : null,
            [.. newestFirst.AsEnumerable().Reverse().Select(BodyOf)]);
    }

    private ShapeAnswer? Answer(RecordedCall call) => call is not { Snapshot: { } snapshot, Shape: { } shape, Asked: { Count: > 0 } asked } ? null
        : _question.Ask(snapshot, shape, [.. asked], call.Strategy ?? NoScores, DevicesOf(call.Strategy), call.Strategy is null ? 0 : BestNodes);

    /// <summary>Stands in where nothing was scored: nobody looks at what it says.</summary>
    private static PackGpus NoScores { get; } = new();

    private static DeviceChooser DevicesOf(IScoringStrategy? strategy) => strategy is Core.Packing.ClusterStrategy { Packing: var packing }
        ? packing.ChooseDevices : (page, row, shape) => DeviceChoice.BestFit(page.DeviceFreeMilli(row), shape.Gpu);

    private static CallBody BodyOf(RecordedCall call)
    {
        var stages = new Dictionary<string, double>();
        if (call is { Reading: { } reading, Deciding: { } deciding })
        {
            stages.Add("read", reading.TotalMicroseconds);
            stages.Add(call.Verb == ExtenderVerb.Filter ? "filter" : "score", deciding.TotalMicroseconds);
            stages.Add("write", (call.Duration - reading - deciding).TotalMicroseconds);
        }

        return new CallBody(
            call.Verb.ToString().ToLowerInvariant(), call.At, call.Duration.TotalMicroseconds, stages, call.Generation > 0 ? call.Generation : null,
            call.Counts.NodesIn, call.Counts.NodesOut, call.Error);
    }
}
