using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>
/// A real etcd, kube-apiserver and kube-scheduler on loopback. The binaries come from the folder in <c>KUBE_ASSETS</c>; any Kubernetes
/// from 1.20 to 1.36 will do.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private const string AdminToken = "admin-token";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly string _assets;
    private readonly int _etcdPort = Ports.Free();
    private readonly int _etcdPeerPort = Ports.Free();
    private readonly int _apiPort = Ports.Free();
    private readonly HttpClient _http;
    private ChildProcess? _etcd;
    private ChildProcess? _apiServer;
    private ChildProcess? _scheduler;
    private int _schedulerPort;

    private ControlPlane(string assets)
    {
        _assets = assets;
        Folder = Directory.CreateTempSubdirectory("gpu-scheduler-e2e-").FullName;
#pragma warning disable MA0039 // the API server under test makes its own certificate
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
#pragma warning restore MA0039
        _http = new HttpClient(handler) { BaseAddress = Address };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
    }

    /// <summary>Where logs, keys and data are.</summary>
    public string Folder { get; }

    public Uri Address => new($"https://127.0.0.1:{_apiPort}");

    /// <summary>The minor version of Kubernetes, e.g. 20.</summary>
    public int Minor { get; private set; }

    /// <summary>The processor time that the API server and etcd have used so far.</summary>
    public TimeSpan ServersProcessorTime => _apiServer!.ProcessorTime + _etcd!.ProcessorTime;

    /// <summary>The processor time that the running kube-scheduler has used so far.</summary>
    public TimeSpan SchedulerProcessorTime => _scheduler!.ProcessorTime;

    /// <summary>Cluster administrator's kubeconfig.</summary>
    public string AdminKubeconfig => WriteKubeconfig("admin", AdminToken);

    /// <summary>The folder with the binaries, or a skipped test.</summary>
    public static string RequireAssets()
    {
        var assets = Environment.GetEnvironmentVariable("KUBE_ASSETS");
        Skip.If(string.IsNullOrEmpty(assets), "KUBE_ASSETS is not set: it names a folder with etcd, kube-apiserver and kube-scheduler");
        foreach (var name in (string[])["etcd", "kube-apiserver", "kube-scheduler"])
        {
            Skip.IfNot(File.Exists(Path.Combine(assets!, name)), $"there is no {name} in KUBE_ASSETS ({assets})");
        }

        return assets!;
    }

    /// <summary>Starts etcd and the API server.</summary>
    /// <param name="assets">The folder with the binaries.</param>
    /// <param name="users">Further users of the API server: token, name and groups.</param>
    public static async Task<ControlPlane> StartAsync(string assets, params (string Token, string Name, string Group)[] users)
    {
        var plane = new ControlPlane(assets);
        try
        {
            using var key = RSA.Create(2048);
            await File.WriteAllTextAsync(plane.In("sa.key"), key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(plane.In("sa.pub"), key.ExportSubjectPublicKeyInfoPem());
            await File.WriteAllLinesAsync(
                plane.In("tokens.csv"),
                [$"{AdminToken},admin,admin,system:masters", .. users.Select(user => $"{user.Token},{user.Name},{user.Name},{user.Group}")]);
            plane.StartEtcd();
            await plane.StartApiServerAsync();
            var version = await plane._http.GetFromJsonAsync<JsonElement>("/version");
            plane.Minor = int.Parse(version.GetProperty("minor").GetString()!.TrimEnd('+'), CultureInfo.InvariantCulture);
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts kube-scheduler with a configuration file's text.</summary>
    public void StartScheduler(string configuration)
    {
        var file = In("scheduler.yaml");
        // Up to 1.22 it also listens on a fixed insecure port, and ends when another kube-scheduler of this machine has it.
        var insecure = Minor < 23 ? $"\nhealthzBindAddress: 127.0.0.1:{Ports.Free()}\nmetricsBindAddress: 127.0.0.1:{Ports.Free()}\n" : "";
        File.WriteAllText(file, configuration + insecure);
        _schedulerPort = Ports.Free();
        _scheduler = ChildProcess.Start(
            Binary("kube-scheduler"),
            [
                "--config", file, "--secure-port", $"{_schedulerPort}", "--bind-address", "127.0.0.1", "--authentication-skip-lookup",
                "--authorization-always-allow-paths", "/healthz,/livez,/readyz,/metrics", "--v", "2",
            ],
            In("scheduler.log"));
    }

    /// <summary>kill -9 of kube-scheduler, if it runs.</summary>
    public async Task StopSchedulerAsync()
    {
        if (_scheduler is { } running) await running.DisposeAsync();
        _scheduler = null;
    }

    /// <summary>How many pods kube-scheduler itself says it has scheduled since it started; 0 while it does not answer yet.</summary>
    public async Task<int> ScheduledCountAsync() =>
        (int)await SchedulerMetricAsync("scheduler_schedule_attempts_total{", "result=\"scheduled\"");

    /// <summary>How long kube-scheduler has been deciding in all, by its own metrics: the part of its work that it does for one pod after the other.</summary>
    public async Task<TimeSpan> DecidingAsync() => TimeSpan.FromSeconds(await SchedulerMetricAsync("scheduler_scheduling_algorithm_duration_seconds_sum", ""));

    private async Task<double> SchedulerMetricAsync(string start, string label)
    {
        try
        {
            var metrics = await _http.GetStringAsync(new Uri($"https://127.0.0.1:{_schedulerPort}/metrics"));
            return metrics.Split('\n')
                .Where(line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
                .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>kill -9 of the API server.</summary>
    public Task KillApiServerAsync() => _apiServer!.KillAsync();

    /// <summary>Starts the API server, and waits until it is ready.</summary>
    public async Task StartApiServerAsync()
    {
        _apiServer = ChildProcess.Start(
            Binary("kube-apiserver"),
            [
                "--etcd-servers", $"http://127.0.0.1:{_etcdPort}", "--bind-address", "127.0.0.1", "--secure-port", $"{_apiPort}",
                "--advertise-address", "127.0.0.1", "--cert-dir", In("pki"), "--token-auth-file", In("tokens.csv"),
                "--service-account-key-file", In("sa.pub"), "--service-account-signing-key-file", In("sa.key"),
                "--service-account-issuer", "https://kubernetes.default.svc", "--service-cluster-ip-range", "10.96.0.0/16",
                "--authorization-mode", "RBAC", "--disable-admission-plugins", "ServiceAccount,TaintNodesByCondition",
            ],
            In("apiserver.log"));
        await Eventually.HoldsAsync("kube-apiserver is ready", StartLimit, async () => (await _http.GetStringAsync("/readyz")) == "ok");
    }

    /// <summary>Makes etcd forget everything older than now, so that a watch that resumes from before gets 410.</summary>
    public async Task CompactAsync()
    {
        using var etcd = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_etcdPort}") };
        using var status = await etcd.PostAsync("/v3/maintenance/status", JsonContent.Create(new { }));
        var header = (await status.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("header");
        using var compacted = await etcd.PostAsync("/v3/kv/compaction", JsonContent.Create(new { revision = header.GetProperty("revision").GetString(), physical = true }));
        compacted.EnsureSuccessStatusCode();
    }

    /// <summary>A client of the API server with the given bearer token (the administrator's without).</summary>
    public HttpKubernetesApi Client(string token = AdminToken) => new(new ClusterConnection
    {
        Server = Address,
        SkipTlsVerify = true,
        Credentials = new FixedCredential(new Credential($"Bearer {token}", null)),
    });

    /// <summary>POSTs an object's JSON as the administrator.</summary>
    public Task CreateAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json);

    /// <summary>POSTs JSON as the administrator, and reads the answer.</summary>
    public async Task<JsonElement> PostAsync(string path, string json)
    {
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, new MediaTypeHeaderValue("application/json")));
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>DELETEs an object as the administrator.</summary>
    public Task DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <summary>GETs JSON as the administrator.</summary>
    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>A kubeconfig for a bearer token.</summary>
    public string WriteKubeconfig(string name, string token)
    {
        var file = In($"{name}.kubeconfig");
        File.WriteAllText(file, $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: test, cluster: {server: "{{{Address}}}", insecure-skip-tls-verify: true}}]
            users: [{name: {{{name}}}, user: {token: "{{{token}}}"}}]
            contexts: [{name: test, context: {cluster: test, user: {{{name}}}}}]
            current-context: test
            """);
        return file;
    }

    public string In(string file) => Path.Combine(Folder, file);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in (ChildProcess?[])[_scheduler, _apiServer, _etcd])
        {
            if (process is not null) await process.DisposeAsync();
        }

        _http.Dispose();
        if (Environment.GetEnvironmentVariable("KUBE_KEEP") is null) Directory.Delete(Folder, recursive: true);
    }

    private void StartEtcd()
    {
        var url = $"http://127.0.0.1:{_etcdPort}";
        var peer = $"http://127.0.0.1:{_etcdPeerPort}";
        _etcd = ChildProcess.Start(
            Binary("etcd"),
            [
                "--data-dir", In("etcd"), "--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}", "--unsafe-no-fsync",
            ],
            In("etcd.log"));
    }

    private string Binary(string name) => Path.Combine(_assets, name);

    private async Task SendAsync(HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
        using var response = await _http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }
}
