using System.Text;
using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class KubeconfigTests : IDisposable
{
    private readonly TestFiles _files = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Load_TokenAndNamespace_ReadsThem()
    {
        var path = _files.Write("config", """
            apiVersion: v1
            kind: Config
            current-context: dev
            contexts:
            - name: dev
              context: {cluster: c, user: u, namespace: team-a}
            clusters:
            - name: c
              cluster: {server: "https://10.0.0.1:6443/prefix", tls-server-name: api.internal, proxy-url: "socks5://proxy:1080"}
            users:
            - name: u
              user: {token: abc, as: someone, as-groups: [g1, g2]}
            """);

        var connection = Kubeconfig.Load([path], null, _time);

        Assert.Equal("https://10.0.0.1:6443/prefix", connection.Server.ToString());
        Assert.Equal(("team-a", "api.internal", "socks5"), (connection.Namespace, connection.TlsServerName, connection.Proxy!.Scheme));
        Assert.Equal("Bearer abc", (await CredentialOf(connection)).Authorization);
        Assert.Equal(["g1", "g2"], connection.Impersonate!.Groups);
        Assert.False(connection.SkipTlsVerify);
    }

    [Fact]
    public async Task Load_TwoFiles_FirstOccurrenceWinsWhole()
    {
        var first = _files.Write("a/config", """
            contexts: [{name: dev, context: {cluster: c, user: red}}]
            users: [{name: red, user: {token: first}}]
            """);
        var second = _files.Write("b/config", """
            current-context: dev
            contexts: [{name: dev, context: {cluster: other, user: red, namespace: ignored}}]
            clusters: [{name: c, cluster: {server: "https://second"}}]
            users: [{name: red, user: {token: second, as: ignored}}]
            """);

        var connection = Kubeconfig.Load([first, second], null, _time);

        Assert.Equal("https://second/", connection.Server.ToString());
        Assert.Equal("default", connection.Namespace);
        Assert.Null(connection.Impersonate);
        Assert.Equal("Bearer first", (await CredentialOf(connection)).Authorization);
    }

    [Fact]
    public async Task Load_RelativePaths_AreMeantFromTheirOwnFile()
    {
        using var certificates = new TestCertificates();
        var client = certificates.Client("system:me");
        _files.Write("a/pki/ca.crt", certificates.AuthorityPem);
        _files.Write("b/pki/me.crt", client.CertificatePem);
        _files.Write("b/pki/me.key", client.KeyPem);
        var first = _files.Write("a/config", """
            current-context: dev
            contexts: [{name: dev, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://s", certificate-authority: pki/ca.crt}}]
            """);
        var second = _files.Write("b/config", "users: [{name: u, user: {client-certificate: pki/me.crt, client-key: pki/me.key}}]");

        var connection = Kubeconfig.Load([first, second], null, _time);

        Assert.Single(connection.CertificateAuthorities!);
        var certificate = (await CredentialOf(connection)).ClientCertificate!;
        Assert.Equal("CN=system:me", certificate.Subject);
        Assert.True(certificate.HasPrivateKey);
    }

    [Fact]
    public async Task Load_DataAndFile_DataWins()
    {
        using var certificates = new TestCertificates();
        var client = certificates.Client("from-data");
        var path = _files.Write("config", Minimal(
            user: $"client-certificate-data: {Base64(client.CertificatePem)}, client-certificate: /nowhere, client-key-data: {Base64(client.KeyPem)}",
            cluster: $"certificate-authority: /nowhere, certificate-authority-data: {Base64(certificates.AuthorityPem)}"));

        var connection = Kubeconfig.Load([path], null, _time);

        Assert.Equal("CN=from-data", (await CredentialOf(connection)).ClientCertificate!.Subject);
        Assert.Equal("CN=test authority", connection.CertificateAuthorities![0].Subject);
    }

    [Fact]
    public async Task Load_TokenFile_IsReadAgainAfterAMinute()
    {
        _files.Write("token", "one\n");
        var path = _files.Write("config", Minimal(user: "tokenFile: token"));
        var connection = Kubeconfig.Load([path], null, _time);

        var first = await CredentialOf(connection);
        _files.Write("token", "two\n");
        var soon = await CredentialOf(connection);
        _time.Advance(TimeSpan.FromMinutes(1));
        var later = await CredentialOf(connection);
        File.Delete(Path.Combine(_files.Folder, "token"));
        _time.Advance(TimeSpan.FromMinutes(1));
        var lost = await CredentialOf(connection);

        Assert.Equal(
            ["Bearer one", "Bearer one", "Bearer two", "Bearer two"],
            new[] { first, soon, later, lost }.Select(c => c.Authorization));
    }

    [Fact]
    public async Task Load_UserNameAndPassword_IsBasic()
    {
        var path = _files.Write("config", Minimal(user: "username: me, password: \"p:w\""));

        var credential = await CredentialOf(Kubeconfig.Load([path], null, _time));

        Assert.Equal("Basic " + Base64("me:p:w"), credential.Authorization);
    }

    [Theory]
    [InlineData("server: \"10.0.0.1:6443\"", "token: a", "clusters[0].cluster.server", "https://")]
    [InlineData("certificate-authority-data: \"%%%\"", "token: a", "clusters[0].cluster.certificate-authority-data", "base64")]
    [InlineData("certificate-authority-data: aGVsbG8=", "token: a", "clusters[0].cluster.certificate-authority-data", "PEM")]
    [InlineData("certificate-authority: missing.crt", "token: a", "clusters[0].cluster.certificate-authority", "missing.crt")]
    [InlineData("insecure-skip-tls-verify: maybe", "token: a", "clusters[0].cluster.insecure-skip-tls-verify", "true or false")]
    [InlineData("proxy-url: \"ftp://x\"", "token: a", "clusters[0].cluster.proxy-url", "socks5://")]
    [InlineData("", "client-key: x.key", "users[0].user.client-key", "x.key")]
    [InlineData("", "token: a, username: b", "users[0].user.username", "together")]
    [InlineData("", "token: [a]", "users[0].user.token", "string")]
    [InlineData("", "auth-provider: {name: gcp}", "users[0].user.auth-provider", "exec")]
    [InlineData("", "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "users[0].user.exec.command", "missing")]
    [InlineData("", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1}", "users[0].user.exec.interactiveMode", "requires")]
    [InlineData("", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}", "users[0].user.exec.interactiveMode", "terminal")]
    [InlineData("", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "users[0].user.exec.apiVersion", "not supported")]
    [InlineData("", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1, env: [{value: x}]}", "users[0].user.exec.env[0].name", "missing")]
    public void Load_BadField_NamesFileAndField(string cluster, string user, string field, string message)
    {
        var path = _files.Write("config", Minimal(user, cluster));

        var error = Assert.Throws<ClusterConfigException>(() => Kubeconfig.Load([path], null, _time));

        Assert.Equal((path, field), (error.File, error.Field));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SkipVerifyWithAuthority_IsRefused()
    {
        using var certificates = new TestCertificates();
        var path = _files.Write("config", Minimal("token: a", $"insecure-skip-tls-verify: true, certificate-authority-data: {Base64(certificates.AuthorityPem)}"));

        var error = Assert.Throws<ClusterConfigException>(() => Kubeconfig.Load([path], null, _time));

        Assert.Equal("clusters[0].cluster.insecure-skip-tls-verify", error.Field);
    }

    [Theory]
    [InlineData("current-context: [", "")]
    [InlineData("- a", "")]
    [InlineData("clusters: {}", "clusters")]
    [InlineData("clusters: [{name: c}, {name: c}]", "clusters[1].name")]
    [InlineData("contexts: [{name: dev, context: {cluster: c}}]", "current-context")]
    [InlineData("{current-context: other}", "contexts")]
    [InlineData("{current-context: dev, contexts: [{name: dev, context: {cluster: c}}]}", "contexts[0].context.cluster")]
    [InlineData("{current-context: dev, contexts: [{name: dev, context: {}}]}", "contexts[0].context.cluster")]
    public void Load_BadFile_NamesTheField(string text, string field)
    {
        var path = _files.Write("config", text);

        var error = Assert.Throws<ClusterConfigException>(() => Kubeconfig.Load([path], null, _time));

        Assert.Equal(field, error.Field);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_BrokenEntryNobodyUses_DoesNoHarm()
    {
        var path = _files.Write("config", Minimal("token: a") + "\nunknown: [1, 2]\npreferences: {}\n");
        File.AppendAllText(path, "extensions: [{name: x}]\n");

        Assert.Equal("default", Kubeconfig.Load([path], null, _time).Namespace);
    }

    [Fact]
    public void DefaultPaths_Variable_PassesOverMissingAndDoubleFiles()
    {
        var path = _files.Write("config", "");
        var environment = Environment(("KUBECONFIG", $"/nowhere:{path}::{path}"));

        Assert.Equal([path], Kubeconfig.DefaultPaths(environment));
    }

    [Fact]
    public void DefaultPaths_NoVariable_IsTheHomeDirectorys()
    {
        var path = _files.Write(".kube/config", "");

        Assert.Equal([path], Kubeconfig.DefaultPaths(Environment()));
    }

    [Fact]
    public async Task InClusterLoad_ServiceAccount_ReadsTokenAuthorityAndNamespace()
    {
        using var certificates = new TestCertificates();
        _files.Write("token", "sa-token");
        _files.Write("ca.crt", certificates.AuthorityPem);
        _files.Write("namespace", "gpu-system");
        var environment = Environment(("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "443"));

        Assert.True(InCluster.IsAvailable(environment, _files.Folder));
        var connection = InCluster.Load(environment, _time, _files.Folder);

        Assert.Equal("https://[fd00::1]/", connection.Server.ToString());
        Assert.Equal("gpu-system", connection.Namespace);
        Assert.Equal("Bearer sa-token", (await CredentialOf(connection)).Authorization);
    }

    [Fact]
    public void InClusterLoad_NoAuthority_NamesTheFile()
    {
        _files.Write("token", "sa-token");
        var environment = Environment(("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("KUBERNETES_SERVICE_PORT", "443"));

        var error = Assert.Throws<ClusterConfigException>(() => InCluster.Load(environment, _time, _files.Folder));

        Assert.EndsWith("ca.crt", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void ClusterConnectionsLoad_NothingThere_SaysWhatWasLookedFor()
    {
        var error = Assert.Throws<ClusterConfigException>(() => ClusterConnections.Load(null, null, Environment(), _time));

        Assert.Contains("KUBECONFIG", error.Message, StringComparison.Ordinal);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Minimal(string user, string cluster = "")
    {
        var server = cluster.Contains("server: ", StringComparison.Ordinal) ? cluster : $"server: \"https://s\", {cluster}";
        return $$$"""
            current-context: dev
            contexts: [{name: dev, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: { {{{server}}} }}]
            users: [{name: u, user: { {{{user}}} }}]
            """;
    }

    private static async Task<Credential> CredentialOf(ClusterConnection connection) =>
        (await connection.Credentials.GetAsync(CancellationToken.None)).Value;

    private HostEnvironment Environment(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(v => v.Name == name).Value, _files.Folder);
}
