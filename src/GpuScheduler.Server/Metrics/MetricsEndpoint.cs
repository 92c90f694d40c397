using Microsoft.Net.Http.Headers;

namespace GpuScheduler.Server.Metrics;

/// <summary><c>GET /metrics</c>.</summary>
internal sealed class MetricsEndpoint(Telemetry telemetry)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/metrics";

    /// <summary>Adds it.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, Answer);

    private async Task Answer(HttpContext context)
    {
        var openMetrics = context.Request.Headers[HeaderNames.Accept].Any(accept =>
            accept?.Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase) == true);
        var text = telemetry.Scrape(openMetrics);
        context.Response.ContentType = openMetrics ? PrometheusText.OpenMetricsType : PrometheusText.TextType;
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
