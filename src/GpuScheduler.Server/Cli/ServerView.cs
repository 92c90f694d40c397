using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Cli;

/// <summary>Asks a running service.</summary>
/// <param name="server">Its address.</param>
/// <param name="token">Bearer token to show; null for none.</param>
/// <param name="authorities">Who may have signed its certificate; null for the machine's own.</param>
internal sealed class ServerView(Uri server, string? token, X509Certificate2Collection? authorities) : IClusterView
{
    private readonly HttpClient _client = new(HandlerFor(authorities)) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };

    public bool IsLive => true;

    public Task<NodeListBody> NodesAsync(CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, "/api/v1/nodes", null, HttpAnswers.Json.NodeListBody, cancellation);

    public Task<NodeBody> NodeAsync(string name, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, $"/api/v1/nodes/{Uri.EscapeDataString(name)}", null, HttpAnswers.Json.NodeBody, cancellation);

    public Task<DomainListBody> DomainsAsync(CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, "/api/v1/domains", null, HttpAnswers.Json.DomainListBody, cancellation);

    public Task<WaitingBody> WaitingAsync(CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, "/api/v1/waiting", null, HttpAnswers.Json.WaitingBody, cancellation);

    public Task<ExplanationBody> PodAsync(string podNamespace, string name, CancellationToken cancellation) => AskAsync(
        HttpMethod.Get, $"/api/v1/pods/{Uri.EscapeDataString(podNamespace)}/{Uri.EscapeDataString(name)}", null, HttpAnswers.Json.ExplanationBody, cancellation);

    public Task<ExplanationListBody> ExplainAsync(byte[] manifest, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Post, "/api/v1/explain", manifest, HttpAnswers.Json.ExplanationListBody, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<T> AskAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(body) };
        if (token is not null && !AuthenticationHeaderValue.TryParse($"Bearer {token}", out _)) throw new ViewException("the token is none: it must be one word");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (response.StatusCode == HttpStatusCode.OK) return JsonSerializer.Deserialize(answer, type) ?? throw new ViewException($"{server} answers nothing");
            throw new ViewException(ErrorOf(answer) ?? $"{server} answers {(int)response.StatusCode} to {path}; is it a gpu-scheduler of this version?");
        }
        catch (HttpRequestException problem)
        {
            throw new ViewException(
                $"no gpu-scheduler answers at {server}: {problem.Message.TrimEnd('.')}. Start one (gpu-scheduler serve), name another with --server, "
                + "or look without one: --kubeconfig FILE or --cluster file:cluster.json");
        }
        catch (JsonException problem)
        {
            throw new ViewException($"what {server} answers to {path} cannot be read: {problem.Message}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ViewException($"{server} has not answered {path} for {_client.Timeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Follows no redirect: a token is for the server that was named.</summary>
    private static SocketsHttpHandler HandlerFor(X509Certificate2Collection? authorities)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (authorities is null) return handler;
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        return handler;
    }

    private static string? ErrorOf(byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, HttpAnswers.Json.ErrorBody)?.Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
