using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class TimeoutTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task WatchAsync_NothingArrivesAnyMore_IsLostAfterTheIdleTimeout()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient(new KubernetesApiOptions { Time = _time, WatchIdleTimeout = TimeSpan.FromMinutes(5) });
        await using var watch = Watch(api, server);
        var next = watch.MoveNextAsync().AsTask();
        await server.WaitForWatchesAsync(ResourceType.Nodes);
        server.SendBookmark(ResourceType.Nodes);
        Assert.True(await next);
        next = watch.MoveNextAsync().AsTask();

        server.FreezeWatches(ResourceType.Nodes);
        server.Put(ResourceType.Nodes, """{"metadata":{"name":"unseen"}}""");
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await next);
        Assert.Equal(ApiOutcome.Lost, watch.Current.Status.Outcome);
        Assert.Contains("300 s", watch.Current.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_Bookmarks_KeepItAlive()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient(new KubernetesApiOptions { Time = _time, WatchIdleTimeout = TimeSpan.FromMinutes(5) });
        await using var watch = Watch(api, server);
        for (var minute = 0; minute < 12; minute += 4)
        {
            var next = watch.MoveNextAsync().AsTask();
            await server.WaitForWatchesAsync(ResourceType.Nodes);
            server.SendBookmark(ResourceType.Nodes);
            Assert.True(await next);
            Assert.Equal(WatchEventType.Bookmark, watch.Current.Type);
            _time.Advance(TimeSpan.FromMinutes(4));
        }
    }

    [Fact]
    public async Task BindPodAsync_NoAnswer_IsLostAfterTheRequestTimeout()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient(new KubernetesApiOptions { Time = _time, RequestTimeout = TimeSpan.FromSeconds(15) });
        server.Put(ResourceType.Pods, """{"metadata":{"name":"a"}}""");
        var gate = server.On("create", "pods/binding").HoldAfter();

        var bind = api.BindPodAsync(new PodBinding("default", "a", null, "n1", new Dictionary<string, string>(StringComparer.Ordinal)), default);
        await gate.Reached;
        _time.Advance(TimeSpan.FromSeconds(15));
        var status = await bind;

        Assert.Equal(ApiOutcome.Lost, status.Outcome);
        Assert.True(status.MayHaveHappened);
        Assert.Equal("n1", (string?)server.Get(ResourceType.Pods, "default", "a")!["spec"]!["nodeName"]);
        gate.Release();
    }

    [Fact]
    public async Task ListAsync_BodyStandsStill_IsLostAfterTheIdleTimeout()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient(new KubernetesApiOptions { Time = _time, ListIdleTimeout = TimeSpan.FromSeconds(60) });
        server.Put(ResourceType.Nodes, """{"metadata":{"name":"n1"}}""");
        server.Put(ResourceType.Nodes, """{"metadata":{"name":"n2"}}""");
        var gate = server.On("list", "nodes").HoldBodyAfter(350);
        var added = new TaskCompletionSource();
        var sink = new ListCollector<TestObject> { OnAdd = _ => added.TrySetResult() };

        var list = api.ListAsync(ResourceType.Nodes, TestObjectReader.Instance, sink, new ListOptions(), default);
        await added.Task; // the body's own limit runs from here on, the request's no longer
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(ApiOutcome.Lost, (await list).Status.Outcome);
        gate.Release();
    }

    [Fact]
    public async Task Writes_BeyondTheBurst_WaitTheirTurnAndLeasesDoNot()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient(new KubernetesApiOptions { Time = _time, WritesPerSecond = 1, WriteBurst = 1, RequestTimeout = TimeSpan.FromHours(1) });
        var binding = new PodBinding("default", "absent", null, "n1", new Dictionary<string, string>(StringComparer.Ordinal));

        await api.BindPodAsync(binding, default);
        var second = api.BindPodAsync(binding, default);
        var lease = await api.CreateLeaseAsync(new Lease { Meta = ObjectMeta.Empty with { Namespace = "default", Name = "l" } }, default);
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await second).IsNotFound);
        Assert.True(lease.IsSuccess, lease.Status.ToString());
    }

    private static IAsyncEnumerator<WatchEvent<TestObject>> Watch(HttpKubernetesApi api, FakeApiServer server) => api.WatchAsync(
        ResourceType.Nodes, TestObjectReader.Instance, new WatchOptions { ResourceVersion = server.ResourceVersion }, default).GetAsyncEnumerator();
}
