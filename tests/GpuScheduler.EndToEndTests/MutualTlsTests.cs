using System.Globalization;
using System.Net;
using GpuScheduler.EndToEndTests.Harness;
using GpuScheduler.Testing;

namespace GpuScheduler.EndToEndTests;

/// <summary>A real kube-scheduler calls us by mutual TLS; nobody else can bind.</summary>
public sealed class MutualTlsTests
{
    private const int Pods = 40;

    [SkippableFact]
    public async Task Pods_OverMutualTls_AreBound_AndCallsWithoutACertificateAreRefused()
    {
        var assets = ControlPlane.RequireAssets();
        using var authority = new TestCertificates();
        await using var cluster = await TestCluster.StartWithoutSchedulerAsync(assets);
        var (serverCertificate, serverKey) = authority.LocalServer();
        var (_, clientCertificate, clientKey) = authority.Client("kube-scheduler");
        string Write(string name, string text)
        {
            File.WriteAllText(cluster.Plane.In(name), text);
            return cluster.Plane.In(name);
        }

        var ca = Write("ca.crt", authority.AuthorityPem);
        var port = Ports.Free();
        var instance = cluster.StartTlsInstance(
            "tls", port,
            $"tls.certificateFile={Write("tls.crt", serverCertificate)}", $"tls.keyFile={Write("tls.key", serverKey)}", $"tls.clientCaFile={ca}", "tls.clientNames=kube-scheduler");
        await instance.WaitUntilReadyAsync();
        var tls = $"tlsConfig: {{ caFile: {ca}, certFile: {Write("client.crt", clientCertificate)}, keyFile: {Write("client.key", clientKey)} }}";
        cluster.Plane.StartScheduler(WithTls(cluster.SchedulerConfiguration(port), tls));

        await cluster.CreateNodesAsync(10, gpus: 8);
        await cluster.CreatePodsAsync("p", Pods, _ => "\"nvidia.com/gpu\":\"2\"");
        await cluster.WaitForBoundAsync(Pods, TimeSpan.FromMinutes(2));
        await cluster.AssertNothingOverCommittedAsync();

        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new() { TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust };
        handler.SslOptions.CertificateChainPolicy.RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck;
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authority.Authorities);
        using var stranger = new HttpClient(handler);
        foreach (var address in (string[])[$"https://127.0.0.1:{port}", $"http://127.0.0.1:{instance.Port}"])
        {
            using var refused = await stranger.PostAsync(new Uri($"{address}/scheduler/bind"), new StringContent("{}"));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    /// <summary>The shipped configuration with what a cluster with mutual TLS changes in it.</summary>
    private static string WithTls(string configuration, string tls) => string.Join('\n', configuration.Split('\n').Select(line =>
        line.Trim() == "enableHTTPS: false" ? string.Create(CultureInfo.InvariantCulture, $"    enableHTTPS: true\n    {tls}")
        : line.Replace("urlPrefix: http:", "urlPrefix: https:", StringComparison.Ordinal)));
}
