namespace GpuScheduler.Kubernetes;

/// <summary>Sends one request with the credentials of the moment and says in a status what went wrong, if anything.</summary>
internal sealed class RequestSender : IDisposable
{
    private const int MaxErrorBytes = 64 << 10;

    private readonly ClusterConnection _connection;
    private readonly KubernetesApiOptions _options;
    private readonly Transport _transport;

    /// <summary>On a connection that they share with calls, the server sends the events of a watch behind the answers of all calls under way.</summary>
    private readonly Transport _watches;
    private readonly Uri _server;

    public RequestSender(ClusterConnection connection, KubernetesApiOptions options)
    {
        _connection = connection;
        _options = options;
        _transport = new Transport(connection, options);
        _watches = new Transport(connection, options);
        // a base address is only a prefix when it ends in a slash
        _server = connection.Server.AbsoluteUri.EndsWith('/') ? connection.Server : new Uri(connection.Server.AbsoluteUri + "/");
    }

    /// <summary>
    /// The 2xx answer, its body unread, or why there is none. <paramref name="limited"/> is the caller's token plus a time limit.
    /// </summary>
    public async Task<ApiResult<HttpResponseMessage>> SendAsync(ApiRequest request, CancellationToken limited, CancellationToken caller)
    {
        var started = _options.Time.GetTimestamp();
        var result = await SendAsSomeoneAsync(request, limited, caller);
        _options.OnCall?.Invoke(request.ToCall(result.Status, _options.Time.GetElapsedTime(started)));
        return result;
    }

    /// <summary>A whole body, up to a limit.</summary>
    public static async Task<ApiResult<byte[]>> ReadBodyAsync(
        HttpResponseMessage response, int maxBytes, CancellationToken limited, CancellationToken caller)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(limited);
            using var buffer = new ReadBuffer(stream);
            while (buffer.Unread.Length < maxBytes && await buffer.FillAsync(limited))
            {
            }

            return new(buffer.Unread.ToArray());
        }
        catch (FormatException e)
        {
            return new(new ApiStatus(ApiOutcome.Unreadable, (int)response.StatusCode, "", e.Message));
        }
        catch (Exception e) when (IsLost(e, caller))
        {
            return new(Lost(e, limited.IsCancellationRequested ? "no whole answer in time" : null, limit: null));
        }
    }

    /// <summary>Whether an exception means a lost connection or our own time limit, and not the caller's cancellation.</summary>
    public static bool IsLost(Exception e, CancellationToken caller) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !caller.IsCancellationRequested);

    /// <summary>The status for such an exception; <paramref name="missing"/> says what a time limit waited for in vain.</summary>
    public static ApiStatus Lost(Exception e, string? missing, TimeSpan? limit) => new(
        ApiOutcome.Lost,
        0,
        "",
        missing is null ? Flatten(e) : limit is { } l ? $"{missing} for {l.TotalSeconds:0.#} s" : missing);

    public void Dispose()
    {
        _transport.Dispose();
        _watches.Dispose();
    }

    private async Task<ApiResult<HttpResponseMessage>> SendAsSomeoneAsync(
        ApiRequest request, CancellationToken limited, CancellationToken caller)
    {
        for (var attempt = 0; ; attempt++)
        {
            var credentials = await GetCredentialAsync(limited, caller);
            if (!credentials.TryGet(out var credential, out var status))
            {
                return new(status);
            }

            var answer = await SendOnceAsync(request, credential, limited, caller);
            if (!answer.TryGet(out var response, out status))
            {
                if (status.IsUnauthorized && attempt == 0 && _connection.Credentials.Reject(credential))
                {
                    continue;
                }

                return new(status);
            }

            return new(response);
        }
    }

    private async Task<ApiResult<Credential>> GetCredentialAsync(CancellationToken limited, CancellationToken caller)
    {
        try
        {
            return await _connection.Credentials.GetAsync(limited);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return new(new ApiStatus(ApiOutcome.NotSent, 0, "", "no credentials in time"));
        }
    }

    private async Task<ApiResult<HttpResponseMessage>> SendOnceAsync(
        ApiRequest request, Credential credential, CancellationToken limited, CancellationToken caller)
    {
        HttpResponseMessage? response = null;
        try
        {
            var message = request.ToMessage(_server);
            AddHeaders(message, credential);
            response = await (request.IsWatch ? _watches : _transport).SendAsync(message, credential, limited);
            if (response.IsSuccessStatusCode)
            {
                var taken = response;
                response = null;
                return new(taken);
            }

            var body = await ReadBodyAsync(response, MaxErrorBytes, limited, caller);
            return new(StatusReader.FromResponse(
                (int)response.StatusCode, response.Headers, body.IsSuccess ? body.Value : [], _options.Time.GetUtcNow()));
        }
        catch (HttpRequestException e) when (IsNotSent(e.HttpRequestError))
        {
            return new(new ApiStatus(ApiOutcome.NotSent, 0, "", Flatten(e)));
        }
        catch (OperationCanceledException e) when (!limited.IsCancellationRequested)
        {
            // neither our limit nor the caller: the handler's own ConnectTimeout
            return new(new ApiStatus(ApiOutcome.NotSent, 0, "", Flatten(e)));
        }
        catch (Exception e) when (IsLost(e, caller))
        {
            return new(Lost(e, limited.IsCancellationRequested ? $"no answer to {request}" : null, _options.RequestTimeout));
        }
        finally
        {
            response?.Dispose();
        }
    }

    private void AddHeaders(HttpRequestMessage message, Credential credential)
    {
        message.Headers.TryAddWithoutValidation("Accept", "application/json");
        message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        if (credential.Authorization is { } authorization)
        {
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (_connection.TlsServerName is { Length: > 0 } name)
        {
            // SocketsHttpHandler sets SslOptions.TargetHost itself, and takes it from here: this is its only way to another SNI and
            // certificate name. The API server does not look at the Host header.
            message.Headers.Host = name;
        }

        if (_connection.Impersonate is { } other)
        {
            message.Headers.TryAddWithoutValidation("Impersonate-User", other.User);
            if (other.Uid is { } uid)
            {
                message.Headers.TryAddWithoutValidation("Impersonate-Uid", uid);
            }

            message.Headers.TryAddWithoutValidation("Impersonate-Group", other.Groups);
        }
    }

    private static bool IsNotSent(HttpRequestError error) => error is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError
        or HttpRequestError.UserAuthenticationError
        or HttpRequestError.VersionNegotiationError;

    private static string Flatten(Exception e) =>
        e.InnerException is { } inner && inner.Message != e.Message ? $"{e.Message} ({Flatten(inner)})" : e.Message;
}
