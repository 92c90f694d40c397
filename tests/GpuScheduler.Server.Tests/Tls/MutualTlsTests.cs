using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using GpuScheduler.Server.Tests.Running;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Tls;

/// <summary>A service with an https address and an http address that asks for client certificates named kube-scheduler.</summary>
public sealed class MutualTlsService : IAsyncLifetime
{
    internal CertificateFolder Files { get; } = new();

    internal ServerProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await ServerProcess.StartAsync([
        "serve", "--cluster", "embedded", "--nodes", "20", .. Files.Arguments, "--set", "tls.clientNames=kube-scheduler",
        "--urls", "https://127.0.0.1:0,http://127.0.0.1:0"]);

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        Files.Dispose();
    }
}

public sealed class MutualTlsTests(MutualTlsService service) : IClassFixture<MutualTlsService>
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Verbs_WithACertificate_Answer(string version)
    {
        using var client = Client(Signed("kube-scheduler"));
        client.DefaultRequestVersion = new Version(version);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        for (var call = 0; call < 3; call++)
        {
            using var answer = await FilterAsync(client);
            Assert.Equal((HttpStatusCode.OK, new Version(version)), (answer.StatusCode, answer.Version));
            Assert.Contains("\"NodeNames\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Verbs_WithoutACertificate_Are403()
    {
        using var client = Client(null);
        foreach (var prefix in (string[])["scheduler", "SCHEDULER", "gpushare-scheduler"])
        {
            foreach (var verb in (string[])["filter", "prioritize", "preempt", "bind", "BIND", "bind/", "b%69nd", "nonsense"])
            {
                using var answer = await client.PostAsync($"/{prefix}/{verb}", new StringContent("{}"));
                await AssertRefusedAsync(answer, "no client certificate was shown");
            }
        }
    }

    [Fact]
    public async Task Verbs_OtherAuthority_Are403()
    {
        using var others = new TestCertificates("another authority");
        using var client = Client(others.Client("kube-scheduler").Certificate);
        using var answer = await FilterAsync(client);
        await AssertRefusedAsync(answer, "CN=kube-scheduler is not trusted");
    }

    [Fact]
    public async Task Verbs_CertificateOfAServer_Are403()
    {
        using var client = Client(service.Files.Authority.Server("kube-scheduler"));
        using var answer = await FilterAsync(client);
        await AssertRefusedAsync(answer, "CN=kube-scheduler is not trusted");
    }

    [Fact]
    public async Task Verbs_OtherName_Are403()
    {
        using var client = Client(Signed("somebody"));
        using var answer = await FilterAsync(client);
        await AssertRefusedAsync(answer, "CN=somebody has none of the names in tls.clientNames");
    }

    [Fact]
    public async Task Verbs_WithoutTls_Are403()
    {
        using var client = new HttpClient { BaseAddress = service.Process.Urls[1] };
        using var answer = await FilterAsync(client);
        await AssertRefusedAsync(answer, "this connection has no TLS");
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task Everything_Else_ChangesNothing(string method)
    {
        using var client = Client(null);
        foreach (var path in (string[])["/", "/metrics", "/readyz", "/api/v1/nodes", "/api/v1/nodes/n", "/api/v1/snapshot", "/api/v1/decisions", "/gpushare-scheduler/inspect"])
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound, HttpStatusCode.Forbidden]);
        }
    }

    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/api/v1/nodes")]
    public async Task Everything_Else_NeedsNoCertificate(string path)
    {
        using var client = Client(null);
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Verbs_AuthoritiesChange_OpenConnectionsAreRefusedAndClosed()
    {
        using var files = new CertificateFolder();
        using var others = new TestCertificates("another authority");
        await using var own = await ServerProcess.StartAsync(["serve", "--cluster", "embedded", "--nodes", "5", .. files.Arguments, "--urls", "https://127.0.0.1:0"]);
        using var open = Client(files.Authority.Client("kube-scheduler").Certificate, files.Authority, own.Urls[0]);
        using (var before = await FilterAsync(open)) Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        // The server's own certificate stays, so that the test's clients trust it still.
        await File.WriteAllTextAsync(files.ClientCaFile, others.AuthorityPem);
        HttpResponseMessage after;
        do
        {
            // Files are looked at when a connection comes.
            using var newcomer = Client(null, files.Authority, own.Urls[0]);
            await newcomer.GetStringAsync("/livez");
            after = await FilterAsync(open);
        }
        while (after.StatusCode == HttpStatusCode.OK);

        await AssertRefusedAsync(after, "the authorities have changed since this connection began");
        Assert.True(after.Headers.ConnectionClose);
        after.Dispose();
        using (var anew = await FilterAsync(open)) await AssertRefusedAsync(anew, "CN=kube-scheduler is not trusted");
        using var theirs = Client(others.Client("kube-scheduler").Certificate, files.Authority, own.Urls[0]);
        using var answer = await FilterAsync(theirs);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Start_WithoutTheFiles_SaysWhich()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync(
            "serve", "--cluster", "embedded", "--urls", "https://127.0.0.1:0", "--set", "tls.certificateFile=/no/such.crt", "--set", "tls.keyFile=/no/such.key");
        Assert.Equal(1, exitCode);
        Assert.Contains("error: tls.certificateFile: ", error, StringComparison.Ordinal);
        Assert.Contains("/no/such.crt", error, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> FilterAsync(HttpClient client) => client.PostAsync(
        "/scheduler/filter",
        new StringContent("""{"Pod":{"metadata":{"namespace":"default","name":"p","uid":"p"},"spec":{"containers":[]}},"NodeNames":[]}""", Encoding.UTF8, "application/json"));

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, string expected)
    {
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        Assert.Contains(expected, body.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private X509Certificate2 Signed(string name) => service.Files.Authority.Client(name).Certificate;

    /// <summary>Trusts the test's authority alone.</summary>
    private HttpClient Client(X509Certificate2? certificate) => Client(certificate, service.Files.Authority, service.Process.Urls[0]);

    private static HttpClient Client(X509Certificate2? certificate, TestCertificates authority, Uri address)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authority.Authorities);
        if (certificate is not null) handler.SslOptions.ClientCertificateContext = System.Net.Security.SslStreamCertificateContext.Create(certificate, null, offline: true);
        return new HttpClient(handler) { BaseAddress = address };
    }
}
