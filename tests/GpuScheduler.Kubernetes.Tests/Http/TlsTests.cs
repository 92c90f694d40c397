using System.Net;
using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Call_TrustedServer_SpeaksHttp2()
    {
        await using var server = await StartAsync(new FakeApiServerOptions());

        var status = await CallAsync(Trusting(server));

        Assert.True(status.IsSuccess, status.ToString());
        Assert.Equal("HTTP/2", server.Calls[0].Protocol);
    }

    [Fact]
    public async Task Watch_BesideCalls_HasAConnectionOfItsOwn()
    {
        await using var server = await StartAsync(new FakeApiServerOptions());
        using var api = new HttpKubernetesApi(Trusting(server));
        await using var watch = api.WatchAsync(ResourceType.Pods, MetaOnlyReader.Instance, new WatchOptions(), default).GetAsyncEnumerator();
        var next = watch.MoveNextAsync();
        await server.WaitForWatchesAsync(ResourceType.Pods);

        for (var call = 0; call < 2; call++) await api.GetLeaseAsync("default", "l", default);

        Assert.All(server.Calls, call => Assert.Equal("HTTP/2", call.Protocol));
        Assert.Equal(2, server.Calls.Select(call => call.Connection).Distinct().Count());
        Assert.Single(server.Calls, call => call.Connection == server.Calls[0].Connection);
        server.EndWatches(ResourceType.Pods);
        Assert.False(await next);
    }

    [Fact]
    public async Task Call_ServerWithoutHttp2_FallsBack()
    {
        await using var server = await StartAsync(new FakeApiServerOptions { OnlyHttp1 = true });

        var status = await CallAsync(Trusting(server));

        Assert.True(status.IsSuccess, status.ToString());
        Assert.Equal("HTTP/1.1", server.Calls[0].Protocol);
    }

    [Fact]
    public async Task Call_OtherAuthority_IsNotSent()
    {
        using var others = new TestCertificates("another authority");
        await using var server = await StartAsync(new FakeApiServerOptions());

        var status = await CallAsync(Trusting(server) with { CertificateAuthorities = others.Authorities });

        Assert.Equal(ApiOutcome.NotSent, status.Outcome);
        Assert.Empty(server.Calls);
    }

    [Fact]
    public async Task Call_NoAuthority_TrustsTheMachinesOnly()
    {
        await using var server = await StartAsync(new FakeApiServerOptions());

        Assert.Equal(ApiOutcome.NotSent, (await CallAsync(Trusting(server) with { CertificateAuthorities = null })).Outcome);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("api.internal", true)]
    [InlineData("other.internal", false)]
    public async Task Call_CertificateForAnotherName_NeedsTheTlsServerName(string? name, bool isAccepted)
    {
        await using var server = await FakeApiServer.StartAsync(new FakeApiServerOptions { Certificate = _certificates.Server("api.internal") });

        var status = await CallAsync(Trusting(server) with { TlsServerName = name });

        Assert.Equal(isAccepted, status.IsSuccess);
    }

    [Fact]
    public async Task Call_SkipTlsVerify_AcceptsAnything()
    {
        await using var server = await StartAsync(new FakeApiServerOptions());

        var status = await CallAsync(Trusting(server) with { CertificateAuthorities = null, SkipTlsVerify = true });

        Assert.True(status.IsSuccess, status.ToString());
    }

    [Fact]
    public async Task Call_ClientCertificate_IsShown()
    {
        await using var server = await StartAsync(new FakeApiServerOptions { AsksForClientCertificate = true });
        var credential = new Credential(null, _certificates.Client("system:gpu-scheduler").Certificate);

        var status = await CallAsync(Trusting(server) with { Credentials = new FixedCredential(credential) });

        Assert.True(status.IsSuccess, status.ToString());
        Assert.Equal("CN=system:gpu-scheduler", server.LastClientCertificate!.Subject);
    }

    [Fact]
    public async Task WatchAsync_Http2ConnectionCut_IsLost()
    {
        await using var server = await StartAsync(new FakeApiServerOptions());
        using var api = new HttpKubernetesApi(Trusting(server));
        await using var watch = api.WatchAsync(
            ResourceType.Nodes, TestObjectReader.Instance, new WatchOptions { ResourceVersion = server.ResourceVersion }, default).GetAsyncEnumerator();
        var next = watch.MoveNextAsync().AsTask();
        await server.WaitForWatchesAsync(ResourceType.Nodes);

        server.CutWatches(ResourceType.Nodes);

        Assert.True(await next);
        Assert.Equal(ApiOutcome.Lost, watch.Current.Status.Outcome);
    }

    private static async Task<ApiStatus> CallAsync(ClusterConnection connection)
    {
        using var api = new HttpKubernetesApi(connection);
        return (await api.DiscoverAsync(CancellationToken.None)).Status;
    }

    private ClusterConnection Trusting(FakeApiServer server) => server.Connection with { CertificateAuthorities = _certificates.Authorities };

    private Task<FakeApiServer> StartAsync(FakeApiServerOptions options) =>
        FakeApiServer.StartAsync(options with { Certificate = _certificates.Server("localhost", IPAddress.Loopback) });
}
