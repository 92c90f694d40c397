using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>Opens watches, replays the past to them and sends what comes until they end.</summary>
internal sealed class WatchCalls(
    ObjectStore store, TimeProvider time, Func<string, StoredObject, byte[]> served, Action opened, CancellationToken stopping)
{
    private const string NoWatchList =
        "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";

    public bool OffersWatchList { get; set; } = true;

    public bool ExpiredIsStatus { get; set; }

    public async Task AnswerAsync(HttpContext context, RequestTarget target, Fault? fault)
    {
        var query = context.Request.Query;
        var wantsInitial = query["sendInitialEvents"] == "true";
        if (wantsInitial && !OffersWatchList)
        {
            await Answers.SendAsync(context, 422, Answers.Status(422, "Invalid", NoWatchList));
            return;
        }

        var since = long.TryParse(query["resourceVersion"], CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        var selector = new Selector(query["fieldSelector"], query["labelSelector"]);
        var watch = new OpenWatch(target.Collection, target.Namespace, selector, query["allowWatchBookmarks"] == "true");
        if (!TryOpen(watch, target, wantsInitial, since))
        {
            var expired = Answers.Status(410, "Expired", $"too old resource version: {since}");
            if (ExpiredIsStatus)
            {
                await Answers.SendAsync(context, 410, expired);
                return;
            }

            watch.SendEvent("ERROR", expired);
            watch.End();
        }

        try
        {
            opened();
            await PumpAsync(context, watch, fault, query["timeoutSeconds"]);
        }
        finally
        {
            lock (store.Sync)
            {
                store.Watches.Remove(watch);
            }
        }
    }

    // false when history since then is forgotten
    private bool TryOpen(OpenWatch watch, RequestTarget target, bool wantsInitial, long since)
    {
        lock (store.Sync)
        {
            if (since > 0 && since < store.CompactedBelow)
            {
                return false;
            }

            if (wantsInitial || since == 0)
            {
                SendState(watch, target, wantsInitial);
            }
            else
            {
                foreach (var change in store.Since(target.Collection, since))
                {
                    watch.Send(change);
                }
            }

            store.Watches.Add(watch);
            return true;
        }
    }

    private void SendState(OpenWatch watch, RequestTarget target, bool withEnd)
    {
        foreach (var stored in store.All(target.Collection))
        {
            watch.SendInitial(stored, served(target.Collection, stored));
        }

        if (withEnd)
        {
            var kind = store.All(target.Collection).FirstOrDefault()?.ToJson()["kind"]?.ToString() ?? "Object";
            watch.SendBookmark(kind, target.ApiVersion, store.ResourceVersion, isInitialEventsEnd: true);
        }
    }

    private async Task PumpAsync(HttpContext context, OpenWatch watch, Fault? fault, string? timeoutSeconds)
    {
        var limit = int.TryParse(timeoutSeconds, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : Timeout.InfiniteTimeSpan;
        using var timeout = new CancellationTokenSource(limit, time);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timeout.Token, stopping);
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(until.Token);
        await context.Response.BodyWriter.FlushAsync(until.Token);
        var body = new BodyWriter(context, fault);
        try
        {
            await foreach (var step in watch.Steps.ReadAllAsync(until.Token))
            {
                switch (step.Kind)
                {
                    case OpenWatch.StepKind.End:
                        return;
                    case OpenWatch.StepKind.Cut:
                        context.Abort();
                        return;
                    default:
                        if (!await body.WriteAsync(step.Bytes))
                        {
                            return;
                        }

                        await context.Response.BodyWriter.FlushAsync(until.Token);
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // the watch's time is up: an ordinary end
        }
    }
}
