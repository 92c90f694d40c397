using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>Answers the requests of a <see cref="FakeApiServer"/>.</summary>
internal sealed class FakeApiHandler(ObjectStore store, FakeApiServerOptions options)
{
    private readonly FaultScript _faults = new();
    private readonly CallRecorder _recorder = new();
    private readonly ConcurrentDictionary<(string Collection, string Key), Func<string, string>> _garbled = new();
    private readonly Dictionary<string, (long Version, StoredObject[] Items)> _pages = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private int _pageNumber;

    public IReadOnlySet<string>? AcceptedTokens { get; set; }

    public bool BindIgnoresUid { get; set; }

    public bool OffersWatchList { get; set; } = true;

    public bool ExpiredWatchIsStatus { get; set; }

    public X509Certificate2? LastClientCertificate { get; private set; }

    public ImmutableArray<RecordedCall> Calls => _recorder.Calls;

    public static byte[] StatusJson(int code, string reason, string message, int? retryAfterSeconds)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = code < 400 ? "Success" : "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["code"] = code,
        };
        if (retryAfterSeconds is { } seconds)
        {
            status["details"] = new JsonObject { ["retryAfterSeconds"] = seconds };
        }

        return ObjectStore.Bytes(status);
    }

    public void AddFault(Fault fault) => _faults.Add(fault);

    public void ClearFaults() => _faults.Clear();

    public void Garble(string collection, string key, Func<string, string> garble) => _garbled[(collection, key)] = garble;

    /// <summary>Callers hold the store's lock.</summary>
    public void ForgetPages() => _pages.Clear();

    public void Stop() => _stopping.Cancel();

    public Task WaitForWatchesAsync(string collection, int count) => _recorder.WaitAsync(() =>
    {
        lock (store.Sync)
        {
            return store.Watches.Count(w => w.Collection == collection) >= count;
        }
    });

    public Task WaitForCallsAsync(string verb, string resource, int count) =>
        _recorder.WaitAsync(() => _recorder.Calls.Count(c => c.Verb == verb && (c.Resource == resource || c.Path == resource)) >= count);

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await HandleCoreAsync(context);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // the client left, or the server stops
            context.Abort();
        }
    }

    private async Task HandleCoreAsync(HttpContext context)
    {
        var target = RequestTarget.Parse(context.Request.Path);
        var verb = target?.VerbOf(context.Request) ?? "get";
        LastClientCertificate = context.Connection.ClientCertificate ?? LastClientCertificate;
        Record(context, target, verb);
        if (AcceptedTokens is { } tokens && !tokens.Contains(Bearer(context)))
        {
            await AnswerAsync(context, 401, StatusJson(401, "Unauthorized", "Unauthorized", null), null);
            return;
        }

        var fault = _faults.Take(verb, target?.Resource ?? context.Request.Path.Value!);
        if (fault?.HoldBefore is { } before)
        {
            await before.PassAsync(context.RequestAborted);
        }

        if (fault is { Apply: false } && (fault.Reset || fault.Code is not null))
        {
            await FailAsync(context, fault);
            return;
        }

        switch (verb)
        {
            case "list" when target is not null:
                await ListAsync(context, target, fault);
                return;
            case "watch" when target is not null:
                await WatchAsync(context, target, fault);
                return;
            default:
                var (code, body) = await ApplyAsync(context, target, verb);
                if (fault is { Apply: true })
                {
                    await FailAsync(context, fault);
                    return;
                }

                if (fault?.HoldAfter is { } after)
                {
                    await after.PassAsync(context.RequestAborted);
                }

                await AnswerAsync(context, code, body, fault);
                return;
        }
    }

    private static string Bearer(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : "";
    }

    private static async Task AnswerAsync(HttpContext context, int code, byte[] body, Fault? fault)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await new BodyWriter(context, fault).WriteAsync(body);
    }

    private static async Task FailAsync(HttpContext context, Fault fault)
    {
        if (fault.Reset)
        {
            context.Abort();
            return;
        }

        var code = fault.Code!.Value;
        if (fault.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (fault.IsPlainText)
        {
            context.Response.StatusCode = code;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(fault.Message);
            return;
        }

        await AnswerAsync(context, code, StatusJson(code, fault.Reason, fault.Message, fault.RetryAfterSeconds), null);
    }

    private void Record(HttpContext context, RequestTarget? target, string verb) => _recorder.Add(new RecordedCall(
        verb,
        target?.Group ?? "",
        target?.Resource ?? "",
        target?.Namespace ?? "",
        target?.Name ?? "",
        context.Request.Path.Value ?? "",
        context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal),
        context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        context.Request.Protocol));

    private byte[] Served(string collection, StoredObject stored) =>
        _garbled.TryGetValue((collection, stored.Key), out var garble) ? Encoding.UTF8.GetBytes(garble(stored.ToString())) : stored.Json;

    private async Task ListAsync(HttpContext context, RequestTarget target, Fault? fault)
    {
        var query = context.Request.Query;
        StoredObject[] items;
        long version;
        var next = "";
        var limit = int.TryParse(query["limit"], CultureInfo.InvariantCulture, out var l) && l > 0 ? l : int.MaxValue;
        lock (store.Sync)
        {
            if (query["continue"].ToString() is { Length: > 0 } token)
            {
                if (!_pages.TryGetValue(token, out var page))
                {
                    items = [];
                    version = -1;
                }
                else
                {
                    (version, items) = page;
                }
            }
            else
            {
                var selector = new Selector(query["fieldSelector"], query["labelSelector"]);
                items = [.. store.All(target.Collection).Where(o => (target.Namespace.Length == 0 || o.Namespace == target.Namespace) && selector.Matches(o))];
                version = store.ResourceVersion;
            }

            if (version >= 0 && items.Length > limit)
            {
                next = $"page-{++_pageNumber}";
                _pages[next] = (version, items[limit..]);
                items = items[..limit];
            }
        }

        if (version < 0)
        {
            const string Expired = "The provided continue parameter is too old to display a consistent list result.";
            await AnswerAsync(context, 410, StatusJson(410, "Expired", Expired, null), null);
            return;
        }

        context.Response.ContentType = "application/json";
        var body = new BodyWriter(context, fault);
        var kind = target.Plural switch { "pods" => "PodList", "nodes" => "NodeList", _ => "List" };
        var more = next.Length > 0 ? $",\"continue\":\"{next}\"" : "";
        var head = $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{target.ApiVersion}\",\"metadata\":{{\"resourceVersion\":\"{version}\"{more}}},\"items\":[";
        var alive = await body.WriteAsync(Encoding.UTF8.GetBytes(head));
        for (var i = 0; alive && i < items.Length; i++)
        {
            alive = (i == 0 || await body.WriteAsync(","u8.ToArray())) && await body.WriteAsync(Served(target.Collection, items[i]));
        }

        if (alive)
        {
            await body.WriteAsync("]}\n"u8.ToArray());
        }
    }

    private async Task WatchAsync(HttpContext context, RequestTarget target, Fault? fault)
    {
        var query = context.Request.Query;
        var wantsInitial = query["sendInitialEvents"] == "true";
        if (wantsInitial && !OffersWatchList)
        {
            const string Forbidden = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
            await AnswerAsync(context, 422, StatusJson(422, "Invalid", Forbidden, null), null);
            return;
        }

        var from = query["resourceVersion"].ToString();
        var since = long.TryParse(from, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        var watch = new OpenWatch(
            target.Collection, target.Namespace, new Selector(query["fieldSelector"], query["labelSelector"]), query["allowWatchBookmarks"] == "true");
        bool expired;
        lock (store.Sync)
        {
            expired = since > 0 && since < store.CompactedBelow;
            if (!expired)
            {
                Replay(watch, target, wantsInitial, since);
                store.Watches.Add(watch);
            }
        }

        try
        {
            if (expired && ExpiredWatchIsStatus)
            {
                await AnswerAsync(context, 410, StatusJson(410, "Expired", $"too old resource version: {since}", null), null);
                return;
            }

            if (expired)
            {
                watch.SendEvent("ERROR", StatusJson(410, "Expired", $"too old resource version: {since}", null));
                watch.End();
            }

            _recorder.Check();
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

    private void Replay(OpenWatch watch, RequestTarget target, bool wantsInitial, long since)
    {
        if (wantsInitial || since == 0)
        {
            foreach (var stored in store.All(target.Collection))
            {
                watch.SendInitial(stored with { Json = Served(target.Collection, stored) });
            }

            if (wantsInitial)
            {
                var kind = store.All(target.Collection).FirstOrDefault()?.ToJson()["kind"]?.ToString() ?? "Object";
                watch.SendBookmark(kind, target.ApiVersion, store.ResourceVersion, isInitialEventsEnd: true);
            }

            return;
        }

        foreach (var change in store.Since(target.Collection, since))
        {
            watch.Send(change);
        }
    }

    private async Task PumpAsync(HttpContext context, OpenWatch watch, Fault? fault, string? timeoutSeconds)
    {
        using var timeout = new CancellationTokenSource(
            int.TryParse(timeoutSeconds, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan,
            options.Time);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timeout.Token, _stopping.Token);
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(until.Token);
        await context.Response.BodyWriter.FlushAsync(until.Token);
        var body = new BodyWriter(context, fault);
        try
        {
            await foreach (var step in watch.Steps.ReadAllAsync(until.Token))
            {
                if (step.Kind == OpenWatch.StepKind.End)
                {
                    return;
                }

                if (step.Kind == OpenWatch.StepKind.Cut)
                {
                    context.Abort();
                    return;
                }

                if (!await body.WriteAsync(step.Bytes))
                {
                    return;
                }

                await context.Response.BodyWriter.FlushAsync(until.Token);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // the watch's time is up: an ordinary end
        }
    }

    private async Task<(int Code, byte[] Body)> ApplyAsync(HttpContext context, RequestTarget? target, string verb)
    {
        if (target is null)
        {
            return Discovery(context.Request.Path.Value ?? "");
        }

        JsonObject? sent = null;
        if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            try
            {
                sent = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))?.AsObject();
            }
            catch (JsonException e)
            {
                return Refuse(400, "BadRequest", e.Message);
            }
        }

        lock (store.Sync)
        {
            return new ObjectCalls(store, target, BindIgnoresUid).Apply(verb, sent);
        }
    }

    private (int Code, byte[] Body) Discovery(string path)
    {
        switch (path)
        {
            case "/version":
                var parts = options.GitVersion.TrimStart('v').Split('.');
                return (200, ObjectStore.Bytes(new JsonObject
                {
                    ["major"] = parts[0],
                    ["minor"] = parts[1],
                    ["gitVersion"] = options.GitVersion,
                }));
            case "/apis":
                string[] served = ["apps/v1", "coordination.k8s.io/v1", "events.k8s.io/v1", "authentication.k8s.io/v1"];
                return (200, ObjectStore.Bytes(new JsonObject
                {
                    ["kind"] = "APIGroupList",
                    ["apiVersion"] = "v1",
                    ["groups"] = new JsonArray([.. served.Select(Group)]),
                }));
            default:
                return Refuse(404, "NotFound", "the server could not find the requested resource");
        }
    }

    private static JsonNode Group(string groupVersion) => new JsonObject
    {
        ["name"] = groupVersion.Split('/')[0],
        ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = groupVersion, ["version"] = groupVersion.Split('/')[1] }),
    };

    private static (int Code, byte[] Body) Refuse(int code, string reason, string message) => (code, StatusJson(code, reason, message, null));
}
