using System.Buffers;
using System.Text.Json;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Extender.Recording;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Dashboard;

/// <summary>What every listener is told of the whole cluster, as JSON. What has not changed is the same array as before.</summary>
/// <param name="Status">Key figures, readiness, latencies, namespaces.</param>
/// <param name="Waiting">The pods that wait, and why.</param>
/// <param name="Decisions">The newest decisions.</param>
internal sealed record News(byte[] Status, byte[] Waiting, byte[] Decisions);

/// <summary>Writes the news once for all listeners: the sums over all nodes and the reasons of waiting pods are not made anew for each.</summary>
internal sealed class ClusterNews(IClusterSource source, ClusterStates states, PodBodies pods, TimeProvider time, DecisionRing? ring = null)
{
    private const int Decisions = 30;

    /// <summary>How long news are new: a listener asks every second.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(500);

    private readonly ShortMemory<int, News> _latest = new(1, _ => Lifetime, time);
    private (ClusterState State, byte[] Waiting, long Recorded, byte[] Decisions)? _last;

    /// <summary>The news of now, or of a moment ago.</summary>
    public Task<News> LatestAsync(CancellationToken cancellationToken) => _latest.GetAsync(0, WriteAsync, cancellationToken);

    /// <summary>Never runs twice at a time.</summary>
    private async Task<News> WriteAsync()
    {
        var state = await states.ReadAsync(CancellationToken.None);
        var (calls, recorded) = (ring?.Newest() ?? [], ring?.Recorded ?? 0);
        var waiting = _last is { } last && ReferenceEquals(last.State.Waiting, state.Waiting) && last.State.Snapshot.Generation == state.Snapshot.Generation
            ? last.Waiting : Json(json => JsonSerializer.Serialize(json, pods.Waiting(state), HttpAnswers.Json.WaitingBody));
        var decisions = _last is { } before && before.Recorded == recorded ? before.Decisions : Json(json => WriteDecisions(json, calls));
        _last = (state, waiting, recorded, decisions);
        return new News(Json(json => WriteStatus(json, state, calls)), waiting, decisions);
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var data = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(data)) write(json);
        return data.WrittenSpan.ToArray();
    }

    private void WriteStatus(Utf8JsonWriter json, ClusterState state, IReadOnlyList<RecordedCall> calls)
    {
        var totals = ClusterTotals.Of(state.Snapshot);
        var reasons = source.NotReadyReasons;
        json.WriteStartObject();
        json.WriteNumber("generation"u8, state.Snapshot.Generation);
        json.WriteBoolean("ready"u8, reasons.Count == 0);
        json.WriteStartArray("reasons"u8);
        foreach (var reason in reasons) json.WriteStringValue(reason);
        json.WriteEndArray();
        json.WriteNumber("nodes"u8, state.Snapshot.NodeCount);
        json.WriteNumber("gpus"u8, totals.Gpus);
        json.WriteNumber("gpusFree"u8, totals.Open);
        json.WriteNumber("gpusPartlyUsed"u8, totals.PartlyUsed);
        json.WriteNumber("allocatedPercent"u8, totals.AllocatedPercent);
        json.WriteNumber("fragmentedPercent"u8, totals.FragmentedPercent);
        json.WriteNumber("placed"u8, totals.Placed);
        json.WriteNumber("waiting"u8, state.Waiting.Count);
        json.WriteStartArray("verbs"u8);
        foreach (var verb in RecentCalls.Latencies(calls, time.GetUtcNow()))
        {
            json.WriteStartObject();
            json.WriteString("verb"u8, verb.Verb);
            json.WriteNumber("calls"u8, verb.Calls);
            json.WriteNumber("perSecond"u8, verb.PerSecond);
            json.WriteNumber("p50"u8, verb.P50);
            json.WriteNumber("p90"u8, verb.P90);
            json.WriteNumber("p99"u8, verb.P99);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("namespaces"u8);
        foreach (var name in PodBodies.All(state).Select(found => found.Pod.Namespace).Distinct().Order(StringComparer.Ordinal)) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The newest filters and binds; what a filter found is told by how many nodes it returned.</summary>
    private static void WriteDecisions(Utf8JsonWriter json, IReadOnlyList<RecordedCall> calls)
    {
        json.WriteStartArray();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in calls)
        {
            if (call.Verb is not (ExtenderVerb.Bind or ExtenderVerb.Filter) || !told.Add(call.Pod.Uid)) continue;
            json.WriteStartObject();
            json.WriteNumber("number"u8, call.Number);
            json.WriteString("at"u8, call.At);
            json.WriteString("namespace"u8, call.Pod.Namespace);
            json.WriteString("name"u8, call.Pod.Name);
            if (call.Error is null && call.Node is { } node) json.WriteString("node"u8, node);
            json.WriteString("outcome"u8, call.Error ?? (call.Counts.NodesOut == 0 ? $"none of {call.Counts.NodesIn} nodes" : $"{call.Counts.NodesOut} of {call.Counts.NodesIn} nodes"));
            json.WriteStartArray("devices"u8);
            for (var device = 0; device < NodePage.MaxDevices; device++)
            {
                if ((call.DeviceMask >> device & 1) != 0) json.WriteNumberValue(device);
            }

            json.WriteEndArray();
            json.WriteNumber("microseconds"u8, call.Duration.TotalMicroseconds);
            json.WriteEndObject();
            if (told.Count == Decisions) break;
        }

        json.WriteEndArray();
    }
}
