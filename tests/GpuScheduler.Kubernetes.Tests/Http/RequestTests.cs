using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class RequestTests
{
    [Fact]
    public async Task Call_Headers_SayWhoWeAreAndAsWhomWeAct()
    {
        await using var server = await FakeApiServer.StartAsync();
        var connection = server.Connection with
        {
            Credentials = new FixedCredential(new Credential("Bearer t", null)),
            Impersonate = new Impersonation("someone", "u1", ["a", "b"]),
        };
        using var api = new HttpKubernetesApi(connection, new KubernetesApiOptions { UserAgent = "gpu-scheduler/1.2.3" });

        await api.GetLeaseAsync("default", "l", default);

        var headers = server.Calls[0].Headers;
        Assert.Equal(("gpu-scheduler/1.2.3", "Bearer t", "application/json"), (headers["User-Agent"], headers["Authorization"], headers["Accept"]));
        Assert.Equal(("someone", "u1", "a,b"), (headers["Impersonate-User"], headers["Impersonate-Uid"], headers["Impersonate-Group"].Replace(" ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Call_ServerBehindAPathPrefix_KeepsIt()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = new HttpKubernetesApi(server.Connection with { Server = new Uri(server.Address, "k8s/clusters/c-1") });

        await api.GetLeaseAsync("default", "l", default);

        Assert.Equal("/k8s/clusters/c-1/apis/coordination.k8s.io/v1/namespaces/default/leases/l", server.Calls[0].Path);
    }

    [Fact]
    public async Task Call_ThroughAProxy_AsksTheProxy()
    {
        await using var proxy = await FakeApiServer.StartAsync();
        var connection = new ClusterConnection { Server = new Uri("http://cluster.invalid:8080"), Proxy = proxy.Address };
        using var api = new HttpKubernetesApi(connection);

        var result = await api.GetLeaseAsync("default", "l", default);

        Assert.True(result.Status.IsNotFound, result.Status.ToString());
        Assert.Equal("cluster.invalid:8080", proxy.Calls[0].Headers["Host"]);
    }

    [Fact]
    public async Task Call_Redirected_DoesNotFollow()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.On("get", "leases").Answer(302, "Found", "elsewhere");
        using var api = server.CreateClient();

        var result = await api.GetLeaseAsync("default", "l", default);

        Assert.Equal(302, result.Status.Code);
        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task OnCall_EveryCall_IsReportedOnce()
    {
        await using var server = await FakeApiServer.StartAsync();
        var calls = new List<ApiCall>();
        using var api = server.CreateClient(new KubernetesApiOptions { OnCall = calls.Add });

        await api.GetLeaseAsync("default", "l", default);
        await api.BindPodAsync(new PodBinding("default", "a", null, "n", new Dictionary<string, string>(StringComparer.Ordinal)), default);
        await api.PatchNominatedNodeAsync("default", "a", "n", null, default);

        Assert.Equal(["GET leases 404", "POST pods/binding 404", "PATCH pods/status 404"], calls.Select(c => $"{c.Method} {c.Resource} {c.Status.Code}"));
    }

    [Fact]
    public async Task GetAsync_TokenFileRotated_IsReadAgainAfter401()
    {
        using var files = new TestFiles();
        await using var server = await FakeApiServer.StartAsync();
        server.AcceptedTokens = new HashSet<string>(StringComparer.Ordinal) { "new" };
        var path = files.Write("token", "old");
        var credentials = new TokenFileCredential(path, new FakeTimeProvider());
        using var api = new HttpKubernetesApi(server.Connection with { Credentials = credentials });

        var before = await api.GetLeaseAsync("default", "l", default);
        files.Write("token", "new");
        var after = await api.GetLeaseAsync("default", "l", default);

        Assert.True(before.Status.IsUnauthorized);
        Assert.True(after.Status.IsNotFound, after.Status.ToString());
        Assert.Equal(3, server.Calls.Length); // the unchanged token was not tried twice
    }

    [Theory]
    [InlineData("https://10.96.0.1/", "10.96.0.0/12", true)]
    [InlineData("https://11.0.0.1/", "10.0.0.0/8", false)]
    [InlineData("https://10.0.0.1/", "10.0.0.1", true)]
    [InlineData("https://[fd00::1]/", "fd00::/8", true)]
    [InlineData("https://example.com/", "example.com", true)]
    [InlineData("https://api.example.com/", "example.com", true)]
    [InlineData("https://badexample.com/", "example.com", false)]
    [InlineData("https://example.com/", ".example.com", false)]
    [InlineData("https://api.example.com/", "*.example.com", true)]
    [InlineData("https://example.com:6443/", "example.com:6443", true)]
    [InlineData("https://example.com:443/", "example.com:6443", false)]
    [InlineData("https://anything/", "*", true)]
    [InlineData("https://127.0.0.1/", "", true)]
    [InlineData("https://localhost/", "", true)]
    [InlineData("https://anything/", " , ,", false)]
    [InlineData("http://anything/", "", true)]
    public void EnvironmentProxy_Exceptions_AreReadAsGoReadsThem(string address, string noProxy, bool isBypassed)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["https_proxy"] = "user:p%40ss@proxy:3128", ["NO_PROXY"] = noProxy };
        var proxy = new EnvironmentProxy(new HostEnvironment(variables.GetValueOrDefault, "/"));

        Assert.Equal(isBypassed, proxy.IsBypassed(new Uri(address)));
        Assert.Equal("p@ss", proxy.Credentials!.GetCredential(new Uri("http://proxy:3128"), "Basic")!.Password);
    }
}
