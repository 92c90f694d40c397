using System.Text.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Extender.Recording;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Dashboard;

/// <summary>
/// <c>GET /api/v1/stream</c>: the cluster as server-sent events. First <c>cluster</c> with all nodes; then, four times a second, <c>nodes</c> with those that
/// changed; every second <c>status</c>, <c>decisions</c> and <c>waiting</c> where there is news; <c>trend</c> as samples are taken.
/// <c>?namespace=NS</c> marks the devices that hold pods of that namespace.
/// </summary>
internal sealed class ClusterStream(
    SnapshotStore store, IClusterSource source, ClusterStates states, PodBodies pods, Trend trend, GpuResourceCatalog catalog, TimeProvider time,
    DecisionRing? ring = null)
{
    /// <summary>More listeners than this are asked to come back later: each costs a little on every change.</summary>
    private const int MostListeners = 32;

    private const int TicksPerSecond = 4;
    private const int Decisions = 30;

    private int _listeners;

    /// <summary>Serves one listener until it goes.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _listeners) > MostListeners)
        {
            Interlocked.Decrement(ref _listeners);
            context.Response.Headers.RetryAfter = "10";
            await HttpAnswers.WriteError(context, StatusCodes.Status503ServiceUnavailable, $"{MostListeners} listeners are connected already; close one of them or try again later");
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            var wanted = (string?)context.Request.Query["namespace"];
            await FeedAsync(new ServerSentEvents(context.Response.BodyWriter), string.IsNullOrEmpty(wanted) ? null : wanted, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The listener went away.
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }
    }

    private async Task FeedAsync(ServerSentEvents events, string? ofNamespace, CancellationToken cancellationToken)
    {
        ClusterSnapshot? shown = null;
        IReadOnlyList<Core.Objects.Pod>? waiting = null;
        long seenSamples = 0, seenCalls = 0, waitingGeneration = -1;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / TicksPerSecond, time);
        for (var tick = 0; ; tick++)
        {
            var snapshot = store.Current;
            shown = Show(events, snapshot, shown, ofNamespace);
            if (trend.Since(ref seenSamples) is { Count: > 0 } samples) events.Write("trend"u8, json => WriteTrend(json, samples));
            if (tick % TicksPerSecond == 0)
            {
                var state = await states.ReadAsync(cancellationToken);
                var calls = ring?.Newest() ?? [];
                events.Write("status"u8, json => WriteStatus(json, state, calls));
                if (!ReferenceEquals(state.Waiting, waiting) || state.Snapshot.Generation != waitingGeneration)
                {
                    (waiting, waitingGeneration) = (state.Waiting, state.Snapshot.Generation);
                    events.Write("waiting"u8, json => JsonSerializer.Serialize(json, pods.Waiting(state), HttpAnswers.Json.WaitingBody));
                }

                if (ring is not null && ring.Recorded != seenCalls)
                {
                    seenCalls = ring.Recorded;
                    events.Write("decisions"u8, json => WriteDecisions(json, calls));
                }
            }

            await events.FlushAsync(cancellationToken);
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>What has to be told so that the listener sees this snapshot.</summary>
    private ClusterSnapshot Show(ServerSentEvents events, ClusterSnapshot snapshot, ClusterSnapshot? shown, string? ofNamespace)
    {
        if (shown is null || !ReferenceEquals(shown.Tables.Levels, snapshot.Tables.Levels))
        {
            events.Write("cluster"u8, json =>
            {
                json.WriteStartObject();
                json.WriteString("description"u8, source.Description);
                json.WriteNumber("generation"u8, snapshot.Generation);
                json.WriteStartArray("levels"u8);
                foreach (var key in snapshot.Tables.Levels.Keys) json.WriteStringValue(key);
                json.WriteEndArray();
                json.WriteStartArray("nodes"u8);
                new NodeCells(json, snapshot, catalog, ofNamespace).WriteAll();
                json.WriteEndArray();
                json.WriteEndObject();
            });
        }
        else if (snapshot.Generation != shown.Generation)
        {
            events.Write("nodes"u8, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("generation"u8, snapshot.Generation);
                json.WriteStartArray("nodes"u8);
                var gone = new NodeCells(json, snapshot, catalog, ofNamespace).WriteChanged(shown.Generation);
                json.WriteEndArray();
                json.WriteStartArray("gone"u8);
                foreach (var row in gone) json.WriteNumberValue(row);
                json.WriteEndArray();
                json.WriteEndObject();
            });
        }

        return snapshot;
    }

    private static void WriteTrend(Utf8JsonWriter json, IReadOnlyList<TrendSample> samples)
    {
        json.WriteStartArray();
        foreach (var sample in samples)
        {
            json.WriteStartArray();
            json.WriteNumberValue(sample.At.ToUnixTimeMilliseconds());
            json.WriteNumberValue(Math.Round(sample.AllocatedPercent, 2));
            json.WriteNumberValue(Math.Round(sample.FragmentedPercent, 2));
            json.WriteEndArray();
        }

        json.WriteEndArray();
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
        json.WriteNumber("gpusFree"u8, totals.WholeFree);
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
