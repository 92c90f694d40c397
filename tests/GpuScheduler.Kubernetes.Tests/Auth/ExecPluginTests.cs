using System.Globalization;
using System.Text.Json;
using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class ExecPluginTests : IDisposable
{
    private const string V1 = "client.authentication.k8s.io/v1";
    private const string V1Beta1 = "client.authentication.k8s.io/v1beta1";

    private readonly TestFiles _files = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(V1)]
    [InlineData(V1Beta1)]
    public async Task GetAsync_PluginPrintsAToken_UsesItUntilItExpires(string version)
    {
        var expires = _time.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _files.Script("plugin", "echo run >> runs\n" + Print(version, $$"""{"token":"t'$(wc -l < runs | tr -d ' ')'","expirationTimestamp":"{{expires}}"}"""));
        var source = Load(version);

        var tokens = new List<string?>();
        foreach (var wait in new[] { 0, 9, 1, 0 })
        {
            _time.Advance(TimeSpan.FromMinutes(wait));
            tokens.Add((await source.GetAsync(default)).Value.Authorization);
        }

        // the fourth call runs it again: what it printed had expired when it came
        Assert.Equal(["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t3"], tokens);
    }

    [Fact]
    public async Task GetAsync_NoExpiry_RunsOnceUntilRejected()
    {
        _files.Script("plugin", "echo run >> runs\n" + Print(V1, """{"token":"t'$(wc -l < runs | tr -d ' ')'"}"""));
        var source = Load(V1);

        var first = (await source.GetAsync(default)).Value;
        _time.Advance(TimeSpan.FromDays(30));
        var later = (await source.GetAsync(default)).Value;
        Assert.True(source.Reject(first));
        var after = (await source.GetAsync(default)).Value;

        Assert.Same(first, later);
        Assert.Equal("Bearer t2", after.Authorization);
    }

    [Fact]
    public async Task GetAsync_ManyCallersAtOnce_RunItOnce()
    {
        _files.Script("plugin", "echo run >> runs\n" + Print(V1, """{"token":"t"}"""));
        var source = Load(V1);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => source.GetAsync(default).AsTask()));

        Assert.Equal("run\n", _files.Read("runs"));
    }

    [Fact]
    public async Task GetAsync_EnvironmentArgumentsAndClusterInfo_ReachThePlugin()
    {
        using var certificates = new TestCertificates();
        _files.Write("ca.crt", certificates.AuthorityPem);
        _files.Script("plugin", "echo \"$1|$2|$EXTRA\" > args\necho \"$KUBERNETES_EXEC_INFO\" > info\n" + Print(V1, """{"token":"t"}"""));
        var source = Load(
            V1,
            """provideClusterInfo: true, args: ["a b", "$HOME"], env: [{name: EXTRA, value: e}]""",
            """certificate-authority: ca.crt, tls-server-name: api, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x, n: 5, q: "5", b: true}}]""");

        await source.GetAsync(default);

        Assert.Equal("a b|$HOME|e\n", _files.Read("args"));
        using var info = JsonDocument.Parse(_files.Read("info"));
        var spec = info.RootElement.GetProperty("spec");
        Assert.Equal(V1, info.RootElement.GetProperty("apiVersion").GetString());
        Assert.False(spec.GetProperty("interactive").GetBoolean());
        var cluster = spec.GetProperty("cluster");
        Assert.Equal("https://s", cluster.GetProperty("server").GetString());
        Assert.Equal("api", cluster.GetProperty("tls-server-name").GetString());
        Assert.Equal(certificates.AuthorityPem, System.Text.Encoding.UTF8.GetString(cluster.GetProperty("certificate-authority-data").GetBytesFromBase64()));
        Assert.Equal("""{"audience":"x","n":5,"q":"5","b":true}""", cluster.GetProperty("config").GetRawText());
    }

    [Fact]
    public async Task GetAsync_WithoutProvideClusterInfo_KeepsItToItself()
    {
        _files.Script("plugin", "echo \"$KUBERNETES_EXEC_INFO\" > info\n" + Print(V1, """{"token":"t"}"""));

        await Load(V1).GetAsync(default);

        Assert.DoesNotContain("cluster", _files.Read("info"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_PluginPrintsACertificate_UsesIt()
    {
        using var certificates = new TestCertificates();
        var client = certificates.Client("from-plugin");
        _files.Write("out", Credential(V1, JsonSerializer.Serialize(
            new Dictionary<string, string> { ["clientCertificateData"] = client.CertificatePem, ["clientKeyData"] = client.KeyPem })));
        _files.Script("plugin", "cat out");

        var credential = (await Load(V1).GetAsync(default)).Value;

        Assert.Null(credential.Authorization);
        Assert.Equal("CN=from-plugin", credential.ClientCertificate!.Subject);
    }

    [Theory]
    [InlineData("echo no login >&2; exit 3", "ended with code 3: no login")]
    [InlineData("echo secret", "printed no valid ExecCredential")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t"}}'""", "configured for client.authentication.k8s.io/v1 ")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}'""", "printed no status")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}'""", "neither a token nor")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"k"}}'""", "only one of")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"k","clientCertificateData":"c"}}'""", "PEM")]
    public async Task GetAsync_PluginFails_SaysHowAndNoSecret(string body, string message)
    {
        _files.Script("plugin", body);

        var status = (await Load(V1).GetAsync(default)).Status;

        Assert.Equal(ApiOutcome.NotSent, status.Outcome);
        Assert.Contains(message, status.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_PluginMissing_GivesTheHint()
    {
        var status = (await Load(V1, "installHint: get it from example.com").GetAsync(default)).Status;

        Assert.Contains("cannot be started", status.Message, StringComparison.Ordinal);
        Assert.Contains("get it from example.com", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_Cancelled_KillsThePlugin()
    {
        using var cancel = new CancellationTokenSource();
        _files.Script("plugin", "read line < fifo");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_files.Folder, "fifo")))
        {
            await mkfifo.WaitForExitAsync();
        }

        var get = Load(V1).GetAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
    }

    [Fact]
    public async Task Call_Answered401_RefreshesOnceAndTriesAgain()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.Put(ResourceType.Nodes, """{"metadata":{"name":"n1"}}""");
        server.AcceptedTokens = new HashSet<string>(StringComparer.Ordinal) { "t2" };
        _files.Script("plugin", "echo run >> runs\n" + Print(V1, """{"token":"t'$(wc -l < runs | tr -d ' ')'"}"""));
        using var api = new HttpKubernetesApi(server.Connection with { Credentials = Load(V1) });

        var found = await api.GetAsync(ResourceType.Nodes, null, "n1", TestObjectReader.Instance, default);
        server.AcceptedTokens = new HashSet<string>(StringComparer.Ordinal) { "none" };
        var refused = await api.GetAsync(ResourceType.Nodes, null, "n1", TestObjectReader.Instance, default);

        Assert.True(found.IsSuccess, found.Status.ToString());
        Assert.True(refused.Status.IsUnauthorized);
        Assert.Equal(4, server.Calls.Length);
    }

    private static string Credential(string version, string status) =>
        $$"""{"kind":"ExecCredential","apiVersion":"{{version}}","status":{{status}}}""";

    private static string Print(string version, string status) => $"echo '{Credential(version, status)}'";

    // the scripts write beside themselves
    private ICredentialSource Load(string version, string exec = "", string cluster = "")
    {
        if (File.Exists(Path.Combine(_files.Folder, "plugin")))
        {
            var body = _files.Read("plugin");
            _files.Script("plugin", body.Replace("#!/bin/sh\n", $"cd '{_files.Folder}'\n", StringComparison.Ordinal));
        }

        var path = _files.Write("config", $$$"""
            current-context: dev
            contexts: [{name: dev, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://s", {{{cluster}}} }}]
            users: [{name: u, user: {exec: {command: ./plugin, apiVersion: {{{version}}}, interactiveMode: Never, {{{exec}}} } } }]
            """);
        return Kubeconfig.Load([path], null, _time).Credentials;
    }
}
