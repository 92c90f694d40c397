using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GpuScheduler.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Testing;

/// <summary>
/// A kube-apiserver as far as our client and its users can tell, in the test's own process: objects of any kind with resourceVersions and
/// optimistic concurrency, paged lists, watches with bookmarks and watch-list, bindings, status patches. Everything that goes wrong in a
/// cluster can be scripted, and nothing in it waits for time: gates, frozen watches and cuts are the test's to open.
/// </summary>
/// <example>
/// <code>
/// await using var server = await FakeApiServer.StartAsync();
/// server.Put(ResourceType.Nodes, """{"metadata":{"name":"n1"}}""");
/// server.On("list", "nodes").Times(2).Answer(500);
/// using var api = server.CreateClient();
/// </code>
/// </example>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ObjectStore _store = new();
    private readonly FakeApiHandler _handler;

    private FakeApiServer(FakeApiServerOptions options)
    {
        _handler = new FakeApiHandler(_store, options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero); // open watches must not delay the end of a test
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, options));
        _app = builder.Build();
        _app.Run(_handler.HandleAsync);
    }

    /// <summary>Address.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>A connection to it without credentials or trusted authorities, for plain http; for TLS add what the test is about.</summary>
    public ClusterConnection Connection => new() { Server = Address };

    /// <summary>Everything asked so far, in order.</summary>
    public ImmutableArray<RecordedCall> Calls => _handler.Calls;

    /// <summary>The distinct <c>verb group/resource</c> asked so far, to compare with RBAC rules.</summary>
    public IReadOnlySet<(string Verb, string Group, string Resource)> CallsAsRules =>
        Calls.Where(c => c.Resource.Length > 0).Select(c => (c.Verb, c.Group, c.Resource)).ToHashSet();

    /// <summary>What <c>/apis</c> tells besides Kubernetes' own, each a <c>group/version</c>.</summary>
    public ISet<string> MoreApis => _handler.MoreApis;

    /// <summary>Bearer tokens accepted; null accepts anyone.</summary>
    public IReadOnlySet<string>? AcceptedTokens
    {
        get => _handler.AcceptedTokens;
        set => _handler.AcceptedTokens = value;
    }

    /// <summary>Whether a Binding's UID is ignored, as by 1.20.2, instead of enforced, as by 1.36.2.</summary>
    public bool BindIgnoresUid
    {
        get => _handler.BindIgnoresUid;
        set => _handler.BindIgnoresUid = value;
    }

    /// <summary>Whether <c>sendInitialEvents</c> is understood; otherwise it is refused as invalid.</summary>
    public bool OffersWatchList
    {
        get => _handler.Watches.OffersWatchList;
        set => _handler.Watches.OffersWatchList = value;
    }

    /// <summary>Whether a watch from a forgotten version gets HTTP 410 instead of an ERROR event with code 410 in a 200 answer.</summary>
    public bool ExpiredWatchIsStatus
    {
        get => _handler.Watches.ExpiredIsStatus;
        set => _handler.Watches.ExpiredIsStatus = value;
    }

    /// <summary>The newest resourceVersion.</summary>
    public string ResourceVersion
    {
        get
        {
            lock (_store.Sync)
            {
                return ObjectStore.Text(_store.ResourceVersion);
            }
        }
    }

    /// <summary>The client certificate of the latest TLS connection that showed one.</summary>
    public X509Certificate2? LastClientCertificate => _handler.LastClientCertificate;

    /// <summary>Starts a server on a loopback port.</summary>
    public static async Task<FakeApiServer> StartAsync(FakeApiServerOptions? options = null)
    {
        options ??= new FakeApiServerOptions();
        var server = new FakeApiServer(options);
        await server._app.StartAsync();
        var address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Address = new Uri(address);
        return server;
    }

    /// <summary>Our own client of this server.</summary>
    public HttpKubernetesApi CreateClient(KubernetesApiOptions? options = null) => new(Connection, options);

    /// <summary>
    /// Creates or replaces an object, whatever its version, and tells the watches. Kind, UID and (for namespaced kinds) the namespace
    /// <c>default</c> are filled in where they are missing.
    /// </summary>
    public ObjectMeta Put(ResourceType resource, string json) => Put(resource, JsonNode.Parse(json)!.AsObject());

    /// <inheritdoc cref="Put(ResourceType, string)"/>
    public ObjectMeta Put(ResourceType resource, JsonObject json)
    {
        json["apiVersion"] ??= resource.ApiVersion;
        json["kind"] ??= resource.Kind;
        if (resource.IsNamespaced && json["metadata"] is JsonObject metadata)
        {
            metadata["namespace"] ??= "default";
        }

        lock (_store.Sync)
        {
            var stored = _store.Put(PathOf(resource), json);
            return new(stored.Namespace, stored.Name, stored.Uid, ObjectStore.Text(stored.ResourceVersion));
        }
    }

    /// <summary>Deletes an object and tells the watches; false when there is none.</summary>
    public bool Delete(ResourceType resource, string ns, string name)
    {
        lock (_store.Sync)
        {
            return _store.Remove(PathOf(resource), ns, name) is not null;
        }
    }

    /// <summary>Changes an object in place and tells the watches.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public ObjectMeta Update(ResourceType resource, string ns, string name, Action<JsonObject> change)
    {
        lock (_store.Sync)
        {
            var json = Get(resource, ns, name) ?? throw new InvalidOperationException($"no {resource.Plural} {ns}/{name}");
            change(json);
            return Put(resource, json);
        }
    }

    /// <summary>A copy of an object; null when there is none.</summary>
    public JsonObject? Get(ResourceType resource, string ns, string name)
    {
        lock (_store.Sync)
        {
            return _store.Find(PathOf(resource), ns, name)?.ToJson();
        }
    }

    /// <summary>Copies of all objects of a kind, in order of namespace and name.</summary>
    public IReadOnlyList<JsonObject> All(ResourceType resource)
    {
        lock (_store.Sync)
        {
            return [.. _store.All(PathOf(resource)).Select(o => o.ToJson())];
        }
    }

    /// <summary>Forgets history: watches from versions before now and unfinished paged lists get 410.</summary>
    public void Compact()
    {
        lock (_store.Sync)
        {
            _store.Compact();
            _handler.ForgetPages();
        }
    }

    /// <summary>Begins an entry of the fault script.</summary>
    /// <param name="verb">As in RBAC; <c>*</c> for any.</param>
    /// <param name="resource">Plural with subresource (<c>pods/binding</c>), the path for non-resource URLs (<c>/version</c>), <c>*</c> for any.</param>
    public FaultBuilder On(string verb, string resource) => new(verb, resource, _handler.AddFault);

    /// <summary>Forgets what is left of the fault script.</summary>
    public void ClearFaults() => _handler.ClearFaults();

    /// <summary>
    /// Serves something else for an object, in lists and watches to come: <c>_ => "{nonsense}"</c> is one garbled object among many. The
    /// stored object stays whole.
    /// </summary>
    public void Garble(ResourceType resource, string ns, string name, Func<string, string> garble) =>
        _handler.Garble(PathOf(resource), ObjectStore.KeyOf(ns, name), garble);

    /// <summary>Answers the creation of a kind of object that is answered and not stored, as reviews are.</summary>
    public void Review(ResourceType resource, Func<JsonObject, JsonObject> answer) => _handler.Review(PathOf(resource), answer);

    /// <summary>Completes as soon as at least so many watches of a kind are open, the past replayed to each.</summary>
    public Task WaitForWatchesAsync(ResourceType resource, int count = 1) => _handler.WaitForWatchesAsync(PathOf(resource), count);

    /// <summary>Completes as soon as a call was asked at least so many times since the start.</summary>
    public Task WaitForCallsAsync(string verb, string resource, int count = 1) => _handler.WaitForCallsAsync(verb, resource, count);

    /// <summary>Sends every open watch of a kind a bookmark at the newest version.</summary>
    public void SendBookmark(ResourceType resource) =>
        ForEachWatch(resource, w => w.SendBookmark(resource.Kind, resource.ApiVersion, _store.ResourceVersion, isInitialEventsEnd: false));

    /// <summary>Sends every open watch of a kind an event of the test's making (duplicate, stale, out of order); nothing is stored.</summary>
    public void SendEvent(ResourceType resource, string type, string json) =>
        ForEachWatch(resource, w => w.SendEvent(type, Encoding.UTF8.GetBytes(json)));

    /// <summary>Sends every open watch of a kind raw bytes; a line needs its newline.</summary>
    public void SendRaw(ResourceType resource, string text) => ForEachWatch(resource, w => w.SendRaw(Encoding.UTF8.GetBytes(text)));

    /// <summary>Sends every open watch of a kind an ERROR event and ends it.</summary>
    public void SendWatchError(ResourceType resource, int code, string reason, string message) => ForEachWatch(resource, w =>
    {
        w.SendEvent("ERROR", Answers.Status(code, reason, message));
        w.End();
    });

    /// <summary>Ends every open watch of a kind, as the server does when its time is up.</summary>
    public void EndWatches(ResourceType resource) => ForEachWatch(resource, w => w.End());

    /// <summary>Closes the connection of every open watch of a kind, in the middle of a line when <paramref name="partialLine"/> is given.</summary>
    public void CutWatches(ResourceType resource, string partialLine = "") => ForEachWatch(resource, w =>
    {
        if (partialLine.Length > 0)
        {
            w.SendRaw(Encoding.UTF8.GetBytes(partialLine));
        }

        w.Cut();
    });

    /// <summary>Silences the open watches of a kind for good while their connections stay open: a half-open connection.</summary>
    public void FreezeWatches(ResourceType resource) => ForEachWatch(resource, w => w.IsFrozen = true);

    /// <summary>Stops the server, closing every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _handler.Stop();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static string PathOf(ResourceType resource) =>
        $"{(resource.Group.Length == 0 ? "api" : "apis")}/{resource.ApiVersion}/{resource.Plural}";

    private static void Configure(KestrelServerOptions kestrel, FakeApiServerOptions options) => kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
    {
        listen.Protocols = options.OnlyHttp1 || options.Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        if (options.Certificate is { } certificate)
        {
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                if (options.AsksForClientCertificate)
                {
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                }
            });
        }
    });

    private void ForEachWatch(ResourceType resource, Action<OpenWatch> action)
    {
        var path = PathOf(resource);
        lock (_store.Sync)
        {
            foreach (var watch in _store.Watches.Where(w => w.Collection == path))
            {
                action(watch);
            }
        }
    }
}
