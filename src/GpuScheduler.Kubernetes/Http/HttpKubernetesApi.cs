using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// <see cref="IKubernetesApi"/> over HTTP, reading lists and watches straight from the response's bytes: neither a list nor an object is
/// ever built as a document, and no more than the largest single object is held.
/// </summary>
/// <remarks>
/// It retries nothing but one 401 with renewed credentials; whoever calls knows better when another attempt makes sense (see
/// <see cref="Backoff"/> and <see cref="ApiRetry"/>). Owned connections end with <see cref="Dispose"/>.
/// </remarks>
public sealed class HttpKubernetesApi : IKubernetesApi, IDisposable
{
    private readonly RequestSender _sender;
    private readonly KubernetesApiOptions _options;
    private readonly TokenBucket _writes;

    /// <summary>A client of the API server at the other end of <paramref name="connection"/>; connects on first use.</summary>
    public HttpKubernetesApi(ClusterConnection connection, KubernetesApiOptions? options = null)
    {
        _options = options ?? new KubernetesApiOptions();
        _sender = new RequestSender(connection, _options);
        _writes = new TokenBucket(_options.WritesPerSecond, _options.WriteBurst, _options.Time);
    }

    /// <inheritdoc/>
    public async Task<ApiResult<ListPage>> ListAsync<T>(
        ResourceType resource, IObjectReader<T> reader, IListSink<T> sink, ListOptions options, CancellationToken cancellationToken)
    {
        using var request = new ApiRequest(HttpMethod.Get, resource.Plural, Url.List(resource, options));
        using var limit = new IdleLimit(_options.RequestTimeout, _options.Time, cancellationToken);
        var answer = await _sender.SendAsync(request, limit.Token, cancellationToken);
        if (!answer.TryGet(out var response, out var status))
        {
            return new(status);
        }

        using (response)
        {
            return await ReadListAsync(response, reader, sink, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceType resource, IObjectReader<T> reader, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new ApiRequest(HttpMethod.Get, resource.Plural, Url.Watch(resource, options)) { IsWatch = true };
        ApiResult<HttpResponseMessage> answer;
        using (var limit = new IdleLimit(_options.RequestTimeout, _options.Time, cancellationToken))
        {
            answer = await _sender.SendAsync(request, limit.Token, cancellationToken);
        }

        if (!answer.TryGet(out var response, out var status))
        {
            yield return WatchEvent.Failed<T>(status);
            yield break;
        }

        using (response)
        {
            await SocketThread.LeaveAsync();
            using var lines = new WatchLines(await response.Content.ReadAsStreamAsync(cancellationToken), _options, cancellationToken);
            while (true)
            {
                var next = await lines.MoveNextAsync();
                if (next != WatchLines.Step.Line)
                {
                    if (next == WatchLines.Step.Failed)
                    {
                        yield return WatchEvent.Failed<T>(lines.Failure);
                    }

                    yield break;
                }

                if (WatchLine.Read(lines.Current, reader, options.OnBadObject) is { } read)
                {
                    yield return read;
                    if (read.Type == WatchEventType.Error)
                    {
                        yield break;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public Task<ApiResult<T>> GetAsync<T>(
        ResourceType resource, string? ns, string name, IObjectReader<T> reader, CancellationToken cancellationToken) =>
        CallAsync(new ApiRequest(HttpMethod.Get, resource.Plural, Url.Object(resource, ns, name)), reader, cancellationToken);

    /// <inheritdoc/>
    public async Task<ApiResult<T>> CreateAsync<T>(
        ResourceType resource, string? ns, T value, IObjectCodec<T> codec, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(resource, cancellationToken);
        var request = new ApiRequest(HttpMethod.Post, resource.Plural, Url.Collection(resource, ns), Json(value, codec));
        return await CallAsync(request, codec, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ApiResult<T>> ReplaceAsync<T>(
        ResourceType resource, string? ns, string name, T value, IObjectCodec<T> codec, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(resource, cancellationToken);
        var request = new ApiRequest(HttpMethod.Put, resource.Plural, Url.Object(resource, ns, name), Json(value, codec));
        return await CallAsync(request, codec, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ApiResult<T>> PatchAsync<T>(
        ResourceType resource,
        string? ns,
        string name,
        string? subresource,
        PatchType type,
        ReadOnlyMemory<byte> patch,
        IObjectReader<T> reader,
        CancellationToken cancellationToken)
    {
        var contentType = type == PatchType.Merge ? "application/merge-patch+json" : "application/strategic-merge-patch+json";
        var label = subresource is null ? resource.Plural : $"{resource.Plural}/{subresource}";
        await WaitForTurnAsync(resource, cancellationToken);
        var request = new ApiRequest(HttpMethod.Patch, label, Url.Object(resource, ns, name, subresource), patch, contentType);
        return await CallAsync(request, reader, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ApiStatus> DeleteAsync(
        ResourceType resource, string? ns, string name, string? uid, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(resource, cancellationToken);
        var body = uid is null ? default(ReadOnlyMemory<byte>?) : RequestBodies.DeleteOptions(uid);
        var request = new ApiRequest(HttpMethod.Delete, resource.Plural, Url.Object(resource, ns, name), body);
        return (await CallAsync(request, IgnoredAnswer.Instance, cancellationToken)).Status;
    }

    /// <inheritdoc/>
    public async Task<ApiStatus> BindPodAsync(PodBinding binding, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(ResourceType.Pods, cancellationToken);
        var path = Url.Object(ResourceType.Pods, binding.Namespace, binding.PodName, "binding");
        var request = new ApiRequest(HttpMethod.Post, "pods/binding", path, RequestBodies.Binding(binding));
        return (await CallAsync(request, IgnoredAnswer.Instance, cancellationToken)).Status;
    }

    /// <inheritdoc/>
    public async Task<ApiResult<ServerInfo>> DiscoverAsync(CancellationToken cancellationToken)
    {
        var version = await CallAsync(new ApiRequest(HttpMethod.Get, "version", "version"), Discovery.Version, cancellationToken);
        if (!version.TryGet(out var info, out var status))
        {
            return new(status);
        }

        var groups = await CallAsync(new ApiRequest(HttpMethod.Get, "apis", "apis"), Discovery.Groups, cancellationToken);
        return groups.TryGet(out var list, out status) ? new(Discovery.Combine(info, list)) : new(status);
    }

    /// <summary>Ends all connections; calls in flight come back as lost.</summary>
    public void Dispose() => _sender.Dispose();

    private static ReadOnlyMemory<byte> Json<T>(T value, IObjectWriter<T> codec)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            codec.Write(writer, value);
        }

        return buffer.WrittenMemory;
    }

    private ValueTask WaitForTurnAsync(ResourceType resource, CancellationToken cancellationToken) =>
        resource == ResourceType.Leases ? ValueTask.CompletedTask : _writes.WaitAsync(cancellationToken);

    private async Task<ApiResult<T>> CallAsync<T>(ApiRequest request, IObjectReader<T> reader, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var limit = new IdleLimit(_options.RequestTimeout, _options.Time, cancellationToken);
            var answer = await _sender.SendAsync(request, limit.Token, cancellationToken);
            if (!answer.TryGet(out var response, out var status))
            {
                return new(status);
            }

            using (response)
            {
                var body = await RequestSender.ReadBodyAsync(response, ReadBuffer.MaxObjectBytes, limit.Token, cancellationToken);
                return body.TryGet(out var bytes, out status) ? Parse(bytes, reader) : new(status);
            }
        }
    }

    private static ApiResult<T> Parse<T>(byte[] bytes, IObjectReader<T> reader)
    {
        try
        {
            var json = new Utf8JsonReader(bytes);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException("no object");
            }

            return new(reader.Read(ref json));
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            return new(new ApiStatus(ApiOutcome.Unreadable, 200, "", $"the answer cannot be read: {e.Message}"));
        }
    }

    private async Task<ApiResult<ListPage>> ReadListAsync<T>(
        HttpResponseMessage response, IObjectReader<T> reader, IListSink<T> sink, CancellationToken cancellationToken)
    {
        using var limit = new IdleLimit(_options.ListIdleTimeout, _options.Time, cancellationToken);
        using var list = new ListReading<T>(await response.Content.ReadAsStreamAsync(cancellationToken), reader, sink);
        await SocketThread.LeaveAsync();
        while (!list.TakeAvailable())
        {
            try
            {
                limit.Restart();
                if (!await list.FillAsync(limit.Token))
                {
                    break;
                }
            }
            catch (FormatException e)
            {
                return new(new ApiStatus(ApiOutcome.Unreadable, (int)HttpStatusCode.OK, "", e.Message));
            }
            catch (Exception e) when (RequestSender.IsLost(e, cancellationToken))
            {
                return new(RequestSender.Lost(e, limit.IsExceeded ? "no bytes of a list" : null, _options.ListIdleTimeout));
            }
        }

        return list.Result;
    }
}
