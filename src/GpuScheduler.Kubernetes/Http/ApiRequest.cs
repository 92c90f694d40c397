namespace GpuScheduler.Kubernetes;

/// <summary>One call, from which as many HTTP requests can be made as attempts are needed.</summary>
internal sealed class ApiRequest(
    HttpMethod method,
    string resource,
    string path,
    ReadOnlyMemory<byte>? body = null,
    string contentType = "application/json") : IDisposable
{
    private HttpRequestMessage? _message;

    public bool IsWatch { get; init; }

    /// <summary>The finished call as metrics see it.</summary>
    public ApiCall ToCall(ApiStatus status, TimeSpan duration) => new(method.Method, resource, IsWatch, status, duration);

    /// <summary>For messages: the verb and the path, never a header.</summary>
    public override string ToString() => $"{method} /{path}";

    /// <summary>A fresh request message; the one before is disposed.</summary>
    public HttpRequestMessage ToMessage(Uri server)
    {
        _message?.Dispose();
        _message = new HttpRequestMessage(method, new Uri(server, path))
        {
            // HTTP/2 where TLS can negotiate it, HTTP/1.1 otherwise
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (body is { } bytes)
        {
            _message.Content = new ReadOnlyMemoryContent(bytes);
            _message.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return _message;
    }

    public void Dispose() => _message?.Dispose();
}
