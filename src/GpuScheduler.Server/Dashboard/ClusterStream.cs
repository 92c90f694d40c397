using System.Text.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Dashboard;

/// <summary>
/// <c>GET /api/v1/stream</c>: the cluster as server-sent events. First <c>cluster</c> with all nodes; then, four times a second, <c>nodes</c> with those that
/// changed; every second <c>status</c>, <c>decisions</c> and <c>waiting</c> where there is news; <c>trend</c> as samples are taken.
/// <c>?namespace=NS</c> marks the devices that hold pods of that namespace.
/// </summary>
internal sealed class ClusterStream(
    SnapshotStore store, IClusterSource source, ClusterNews news, Trend trend, GpuResourceCatalog catalog, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>More listeners than this are asked to come back later: each costs a little on every change.</summary>
    private const int MostListeners = 32;

    private const int TicksPerSecond = 4;

    private int _listeners;

    /// <summary>Serves one listener until it goes or the service stops, which would otherwise wait for it.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _listeners) > MostListeners)
        {
            Interlocked.Decrement(ref _listeners);
            context.Response.Headers.RetryAfter = "10";
            await HttpAnswers.WriteError(context, StatusCodes.Status503ServiceUnavailable, $"{MostListeners} listeners are connected already; close one of them or try again later");
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            var wanted = (string?)context.Request.Query["namespace"];
            await FeedAsync(new ServerSentEvents(context.Response.BodyWriter), string.IsNullOrEmpty(wanted) ? null : wanted, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The listener went away, or the service stops.
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }
    }

    private async Task FeedAsync(ServerSentEvents events, string? ofNamespace, CancellationToken cancellationToken)
    {
        ClusterSnapshot? shown = null;
        News? told = null;
        long seenSamples = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / TicksPerSecond, time);
        for (var tick = 0; ; tick++)
        {
            var snapshot = store.Current;
            shown = Show(events, snapshot, shown, ofNamespace);
            if (trend.Since(ref seenSamples) is { Count: > 0 } samples) events.Write("trend"u8, json => WriteTrend(json, samples));
            if (tick % TicksPerSecond == 0)
            {
                var latest = await news.LatestAsync(cancellationToken);
                events.Write("status"u8, latest.Status);
                if (!ReferenceEquals(latest.Waiting, told?.Waiting)) events.Write("waiting"u8, latest.Waiting);
                if (!ReferenceEquals(latest.Decisions, told?.Decisions)) events.Write("decisions"u8, latest.Decisions);
                told = latest;
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
}
