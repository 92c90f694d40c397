using System.Net;
using GpuScheduler.Extender;
using GpuScheduler.Server.Hosting;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GpuScheduler.Server.Tests.Access;

/// <summary>Goes by the endpoints there are, so that a new one is looked at as well.</summary>
public sealed class EndpointAccessTests : IAsyncLifetime
{
    private readonly string _tokens = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_tokens, "right\n");
        var options = new GpuSchedulerOptions { Server = { Urls = ["http://127.0.0.1:0"] }, Cluster = { Source = "embedded", Nodes = 3 }, Access = { TokenFile = _tokens } };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Composition.Add(builder, options);
        _app = builder.Build();
        Endpoints.Use(_app, options, _app.Services.GetRequiredService<IClusterSource>());
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        File.Delete(_tokens);
    }

    [Fact]
    public void Endpoints_ButTheVerbs_OnlyRead()
    {
        var writing = All().Where(endpoint => endpoint.Metadata.GetMetadata<ExtenderEndpoint>() is null && MethodOf(endpoint) != "GET").Select(PathOf);

        Assert.Equal(["/api/v1/explain"], writing);
    }

    [Fact]
    public async Task Endpoints_WithoutAToken_AreClosedButForThePublicOnes()
    {
        var open = new List<string>();
        foreach (var endpoint in All().Where(endpoint => endpoint.Metadata.GetMetadata<ExtenderEndpoint>() is null))
        {
            using var answer = await SendAsync(endpoint, null);
            if (answer.StatusCode != HttpStatusCode.Unauthorized) open.Add(PathOf(endpoint));
        }

        Assert.Equal(["/", "/dashboard/x", "/livez", "/readyz"], open.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Endpoints_WithATokenOrVerbs_AreNotRefused()
    {
        foreach (var endpoint in All().Where(endpoint => PathOf(endpoint) != "/api/v1/stream"))
        {
            using var answer = await SendAsync(endpoint, endpoint.Metadata.GetMetadata<ExtenderEndpoint>() is null ? "right" : null);
            Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Page_WithoutAToken_SaysNothingOfTheCluster()
    {
        var text = await _client.GetStringAsync("/");

        Assert.Contains("needs a bearer token", text, StringComparison.Ordinal);
        Assert.DoesNotContain("embedded", text, StringComparison.Ordinal);
    }

    private RouteEndpoint[] All() => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    private static string MethodOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "POST";

    private static string PathOf(RouteEndpoint endpoint) => string.Join(
        '/', endpoint.RoutePattern.PathSegments.Select(segment => segment.Parts[0] is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x").Prepend(""))
        is { Length: > 0 } path ? path : "/";

    private Task<HttpResponseMessage> SendAsync(RouteEndpoint endpoint, string? token)
    {
        var request = new HttpRequestMessage(new HttpMethod(MethodOf(endpoint)), PathOf(endpoint));
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
