namespace GpuScheduler.Kubernetes;

/// <summary>
/// Every call we make to a kube-apiserver. Whatever implements this passes the same contract tests; the models of the KubernetesClient
/// package end here.
/// </summary>
/// <remarks>
/// Refusals, timeouts and lost connections come back as <see cref="ApiStatus"/>. Exceptions are thrown for misuse
/// (<see cref="ArgumentException"/>), cancellation (<see cref="OperationCanceledException"/>) and whatever a caller's own reader,
/// writer or sink throws, other than a reader's <see cref="FormatException"/> and <see cref="System.Text.Json.JsonException"/>.
/// All members may be called from several threads at once. A <c>ns</c> argument is null for cluster-scoped kinds.
/// </remarks>
public interface IKubernetesApi
{
    /// <summary>
    /// Lists one page, handing each object to <paramref name="sink"/> as it arrives. After a failure the sink may have seen a part
    /// of the page. Most callers want <see cref="KubernetesApiExtensions.ListAllAsync"/>.
    /// </summary>
    Task<ApiResult<ListPage>> ListAsync<T>(
        ResourceType resource, IObjectReader<T> reader, IListSink<T> sink, ListOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Watches until the server ends the watch (the enumeration ends), the watch fails (last event is
    /// <see cref="WatchEventType.Error"/>), the consumer stops, or cancellation. A connection on which nothing arrives any more, not
    /// even keep-alive answers, fails as <see cref="ApiOutcome.Lost"/>.
    /// </summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceType resource, IObjectReader<T> reader, WatchOptions options, CancellationToken cancellationToken);

    /// <summary>Reads one object.</summary>
    Task<ApiResult<T>> GetAsync<T>(
        ResourceType resource, string? ns, string name, IObjectReader<T> reader, CancellationToken cancellationToken);

    /// <summary>Creates an object and returns it as the server stored it.</summary>
    Task<ApiResult<T>> CreateAsync<T>(
        ResourceType resource, string? ns, T value, IObjectCodec<T> codec, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces an object. Where <paramref name="value"/> carries a resourceVersion, an object that changed meanwhile is answered with
    /// <see cref="ApiStatus.IsConflict"/>.
    /// </summary>
    Task<ApiResult<T>> ReplaceAsync<T>(
        ResourceType resource, string? ns, string name, T value, IObjectCodec<T> codec, CancellationToken cancellationToken);

    /// <summary>Patches an object or one of its subresources (<c>status</c>; null for the object itself).</summary>
    Task<ApiResult<T>> PatchAsync<T>(
        ResourceType resource,
        string? ns,
        string name,
        string? subresource,
        PatchType type,
        ReadOnlyMemory<byte> patch,
        IObjectReader<T> reader,
        CancellationToken cancellationToken);

    /// <summary>Deletes an object, if it still has <paramref name="uid"/> (null: whichever has the name).</summary>
    Task<ApiStatus> DeleteAsync(ResourceType resource, string? ns, string name, string? uid, CancellationToken cancellationToken);

    /// <summary>Binds a pod: <c>POST pods/{name}/binding</c>.</summary>
    Task<ApiStatus> BindPodAsync(PodBinding binding, CancellationToken cancellationToken);

    /// <summary>Asks for the server's version and the API groups it serves (<c>/version</c>, <c>/apis</c>).</summary>
    Task<ApiResult<ServerInfo>> DiscoverAsync(CancellationToken cancellationToken);
}
