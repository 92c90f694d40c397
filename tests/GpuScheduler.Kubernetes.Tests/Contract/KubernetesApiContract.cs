using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

/// <summary>
/// What every implementation of <see cref="IKubernetesApi"/> must do. A new adapter derives one concrete class from each contract and
/// runs all of it.
/// </summary>
public abstract class KubernetesApiContract : IAsyncLifetime
{
    /// <summary>Far above what any of these tests needs; a hang fails instead of blocking the build.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _patience = new(Patience);
    private readonly List<IDisposable> _disposables = [];

    protected FakeApiServer Server { get; private set; } = null!;

    protected IKubernetesApi Api { get; private set; } = null!;

    protected CancellationToken Token => _patience.Token;

    public async Task InitializeAsync()
    {
        Server = await FakeApiServer.StartAsync();
        Api = CreateApi(Server.Connection);
    }

    public async Task DisposeAsync()
    {
        (Api as IDisposable)?.Dispose();
        _disposables.ForEach(d => d.Dispose());
        await Server.DisposeAsync();
        _patience.Dispose();
    }

    protected abstract IKubernetesApi CreateApi(ClusterConnection connection);

    protected void AddPods(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Server.Put(ResourceType.Pods, Pod($"pod-{i:00}"));
        }
    }

    protected static string Pod(string name, string extra = "") =>
        $$$"""{"metadata":{"namespace":"default","name":"{{{name}}}"{{{extra}}}},"spec":{"containers":[]},"status":{"phase":"Pending"}}""";

    protected static IEnumerable<string> Names(IEnumerable<TestObject> objects) => objects.Select(o => o.Meta.Name);

    protected async Task<(ApiResult<ListPage> Result, ListCollector<TestObject> Sink)> ListAsync(ListOptions? options = null)
    {
        var sink = new ListCollector<TestObject>();
        var result = await Api.ListAllAsync(ResourceType.Pods, TestObjectReader.Instance, sink, options ?? new ListOptions(), Token);
        return (result, sink);
    }

    protected IAsyncEnumerator<WatchEvent<TestObject>> Watch(WatchOptions options) =>
        Api.WatchAsync(ResourceType.Pods, TestObjectReader.Instance, options, Token).GetAsyncEnumerator(Token);

    /// <summary>Starts a watch from now and returns once it is open.</summary>
    protected async Task<IAsyncEnumerator<WatchEvent<TestObject>>> WatchFromNowAsync(Action<BadObject>? onBad = null)
    {
        var watch = Watch(new WatchOptions { ResourceVersion = Server.ResourceVersion, OnBadObject = onBad });
        return await OpenAsync(watch);
    }

    /// <summary>A watch sends its request at the first move: make it, have the server send a bookmark, and take that.</summary>
    protected async Task<IAsyncEnumerator<WatchEvent<TestObject>>> OpenAsync(IAsyncEnumerator<WatchEvent<TestObject>> watch)
    {
        var first = watch.MoveNextAsync();
        await Server.WaitForWatchesAsync(ResourceType.Pods).WaitAsync(Token);
        Server.SendBookmark(ResourceType.Pods);
        Assert.True(await first);
        Assert.Equal(WatchEventType.Bookmark, watch.Current.Type);
        return watch;
    }

    protected static async Task<WatchEvent<TestObject>> NextAsync(IAsyncEnumerator<WatchEvent<TestObject>> watch)
    {
        Assert.True(await watch.MoveNextAsync(), "the watch ended");
        return watch.Current;
    }
}
