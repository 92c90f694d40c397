using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>Answers the requests of a <see cref="FakeApiServer"/>: records, lets the fault script have its say, and hands on.</summary>
internal sealed class FakeApiHandler
{
    private readonly ObjectStore _store;
    private readonly FakeApiServerOptions _options;
    private readonly FaultScript _faults = new();
    private readonly CallRecorder _recorder = new();
    private readonly ConcurrentDictionary<(string Collection, string Key), Func<string, string>> _garbled = new();
    private readonly ConcurrentDictionary<string, Func<JsonObject, JsonObject>> _reviews = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ListCalls _lists;

    public FakeApiHandler(ObjectStore store, FakeApiServerOptions options)
    {
        _store = store;
        _options = options;
        _lists = new ListCalls(store, Served);
        Watches = new WatchCalls(store, options.Time, Served, _recorder.Check, _stopping.Token);
    }

    public WatchCalls Watches { get; }

    public HashSet<string> MoreApis { get; } = [];

    public IReadOnlySet<string>? AcceptedTokens { get; set; }

    public bool BindIgnoresUid { get; set; }

    public X509Certificate2? LastClientCertificate { get; private set; }

    public ImmutableArray<RecordedCall> Calls => _recorder.Calls;

    public void AddFault(Fault fault) => _faults.Add(fault);

    public void ClearFaults() => _faults.Clear();

    public void Garble(string collection, string key, Func<string, string> garble) => _garbled[(collection, key)] = garble;

    public void Review(string collection, Func<JsonObject, JsonObject> answer) => _reviews[collection] = answer;

    /// <summary>Callers hold the store's lock.</summary>
    public void ForgetPages() => _lists.ForgetPages();

    public void Stop() => _stopping.Cancel();

    public Task WaitForWatchesAsync(string collection, int count) => _recorder.WaitAsync(() =>
    {
        lock (_store.Sync)
        {
            return _store.Watches.Count(w => w.Collection == collection) >= count;
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

    private static string Bearer(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : "";
    }

    private async Task HandleCoreAsync(HttpContext context)
    {
        var target = RequestTarget.Parse(context.Request.Path);
        var verb = target?.VerbOf(context.Request) ?? "get";
        LastClientCertificate = context.Connection.ClientCertificate ?? LastClientCertificate;
        Record(context, target, verb);
        if (AcceptedTokens is { } tokens && !tokens.Contains(Bearer(context)))
        {
            await Answers.SendAsync(context, 401, Answers.Status(401, "Unauthorized", "Unauthorized"));
            return;
        }

        var fault = _faults.Take(verb, target?.Resource ?? context.Request.Path.Value!);
        if (fault?.HoldBefore is { } before)
        {
            await before.PassAsync(context.RequestAborted);
        }

        if (fault is { Apply: false } && (fault.Reset || fault.Code is not null))
        {
            await Answers.FailAsync(context, fault);
            return;
        }

        switch (verb)
        {
            case "list" when target is not null:
                await _lists.AnswerAsync(context, target, fault);
                break;
            case "watch" when target is not null:
                await Watches.AnswerAsync(context, target, fault);
                break;
            default:
                await AnswerSmallAsync(context, target, verb, fault);
                break;
        }
    }

    private async Task AnswerSmallAsync(HttpContext context, RequestTarget? target, string verb, Fault? fault)
    {
        var (code, body) = target is null
            ? DiscoveryAnswers.For(context.Request.Path.Value ?? "", _options.GitVersion, MoreApis)
            : await ApplyAsync(context, target, verb);
        if (fault is { Apply: true })
        {
            await Answers.FailAsync(context, fault);
            return;
        }

        if (fault?.HoldAfter is { } after)
        {
            await after.PassAsync(context.RequestAborted);
        }

        await Answers.SendAsync(context, code, body, fault);
    }

    private async Task<(int Code, byte[] Body)> ApplyAsync(HttpContext context, RequestTarget target, string verb)
    {
        JsonObject? sent = null;
        if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            try
            {
                sent = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))?.AsObject();
            }
            catch (JsonException e)
            {
                return (400, Answers.Status(400, "BadRequest", e.Message));
            }
        }

        if (verb == "create" && sent is not null && _reviews.TryGetValue(target.Collection, out var review))
        {
            return (201, Encoding.UTF8.GetBytes(review(sent).ToJsonString()));
        }

        lock (_store.Sync)
        {
            return new ObjectCalls(_store, target, BindIgnoresUid).Apply(verb, sent);
        }
    }

    private byte[] Served(string collection, StoredObject stored) =>
        _garbled.TryGetValue((collection, stored.Key), out var garble) ? Encoding.UTF8.GetBytes(garble(stored.ToString())) : stored.Json;

    private void Record(HttpContext context, RequestTarget? target, string verb) => _recorder.Add(new RecordedCall(
        verb,
        target?.Group ?? "",
        target?.Resource ?? "",
        target?.Namespace ?? "",
        target?.Name ?? "",
        context.Request.Path.Value ?? "",
        context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal),
        context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        context.Request.Protocol,
        context.Connection.Id));
}
