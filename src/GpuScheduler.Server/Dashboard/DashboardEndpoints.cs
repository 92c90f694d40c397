using GpuScheduler.Server.Access;
using Microsoft.Net.Http.Headers;

namespace GpuScheduler.Server.Dashboard;

/// <summary>Serves the dashboard: its page at <c>/</c> to browsers, its files, and the stream it lives on.</summary>
/// <param name="stream">What the page is fed with.</param>
internal sealed class DashboardEndpoints(ClusterStream stream)
{
    /// <summary>Nothing from elsewhere, nothing inline: what the cluster's objects say can never become code.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds them.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="landing">What <c>/</c> answers those who do not ask for HTML, curl for one.</param>
    public void Map(IEndpointRouteBuilder routes, RequestDelegate landing)
    {
        routes.MapGet("/", context => AsksForHtml(context.Request) ? Send(context, DashboardFiles.Find("index.html")) : landing(context))
            .WithMetadata(PublicEndpoint.Instance);
        routes.MapGet("/dashboard/{file}", context => Send(context, DashboardFiles.Find((string)context.Request.RouteValues["file"]!)))
            .WithMetadata(PublicEndpoint.Instance);
        routes.MapGet("/api/v1/stream", stream.ServeAsync);
    }

    private static bool AsksForHtml(HttpRequest request) =>
        request.Headers.Accept.Any(accept => accept?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);

    private static async Task Send(HttpContext context, DashboardFile? file)
    {
        var (request, response) = (context.Request, context.Response);
        if (file is null)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.Headers.ETag = file.ETag;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = HeaderNames.Accept;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (request.Headers.IfNoneMatch == file.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        await response.BodyWriter.WriteAsync(file.Bytes, context.RequestAborted);
    }
}
