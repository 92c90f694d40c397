using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>
/// One machine's way to the lease. A request that has been sent arrives, whether or not its sender still waits; requests and answers take time or
/// are lost as <see cref="Trip"/> says.
/// </summary>
internal sealed class SimulatedLeaseApi(SimulatedLease lease) : IKubernetesApi
{
    /// <summary>How the next call goes: time to the server (null: never arrives), time back (null: the answer is lost).</summary>
    public Func<(TimeSpan? There, TimeSpan? Back)> Trip { get; set; } = () => (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));

    /// <summary>Verbs asked so far.</summary>
    public List<string> Calls { get; } = [];

    public Task<ApiResult<T>> GetAsync<T>(ResourceType resource, string? ns, string name, IObjectReader<T> reader, CancellationToken cancellationToken) =>
        CallAsync<T>("get", lease.Get, cancellationToken);

    public Task<ApiResult<T>> CreateAsync<T>(ResourceType resource, string? ns, T value, IObjectCodec<T> codec, CancellationToken cancellationToken) =>
        CallAsync<T>("create", () => lease.Create((Lease)(object)value!), cancellationToken);

    public Task<ApiResult<T>> ReplaceAsync<T>(
        ResourceType resource, string? ns, string name, T value, IObjectCodec<T> codec, CancellationToken cancellationToken) =>
        CallAsync<T>("update", () => lease.Replace((Lease)(object)value!), cancellationToken);

    public Task<ApiResult<ListPage>> ListAsync<T>(
        ResourceType resource, IObjectReader<T> reader, IListSink<T> sink, ListOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceType resource, IObjectReader<T> reader, WatchOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ApiResult<T>> PatchAsync<T>(
        ResourceType resource,
        string? ns,
        string name,
        string? subresource,
        PatchType type,
        ReadOnlyMemory<byte> patch,
        IObjectReader<T> reader,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ApiStatus> DeleteAsync(ResourceType resource, string? ns, string name, string? uid, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ApiStatus> BindPodAsync(PodBinding binding, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ApiResult<ServerInfo>> DiscoverAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task<ApiResult<T>> CallAsync<T>(string verb, Func<ApiResult<Lease>> apply, CancellationToken cancellationToken)
    {
        Calls.Add(verb);
        var (there, back) = Trip();
        var answer = new TaskCompletionSource<ApiResult<Lease>>();
        _ = TravelAsync(there, back, apply, answer);
        return (ApiResult<T>)(object)await answer.Task.WaitAsync(cancellationToken);
    }

    private async Task TravelAsync(TimeSpan? there, TimeSpan? back, Func<ApiResult<Lease>> apply, TaskCompletionSource<ApiResult<Lease>> answer)
    {
        if (there is not { } out1) return;
        await Task.Delay(out1, lease.Truth);
        var result = apply();
        if (back is not { } home) return;
        await Task.Delay(home, lease.Truth);
        answer.TrySetResult(result);
    }
}
