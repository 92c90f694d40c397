using System.Text.Json;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>
/// Keeps kube-scheduler from getting answers out of a snapshot that is not (or no longer) the whole cluster: an error makes it try the pod
/// again, where a wrong "does not fit" would leave it waiting. A Service keeps calls away by readiness, but only after a probe has seen it.
/// </summary>
internal sealed class ReadinessGate(IClusterSource source, string extenderPath)
{
    /// <summary>Adds it in front of the verbs.</summary>
    public void Use(IApplicationBuilder app) => app.Use((context, next) =>
        source.IsReady || !context.Request.Path.StartsWithSegments(extenderPath, StringComparison.OrdinalIgnoreCase, out var verb) ? next(context) : RefuseAsync(context, verb));

    /// <summary>kube-scheduler reads <c>Error</c> of a 200; the answer to prioritize has no such field, so its status says it.</summary>
    private Task RefuseAsync(HttpContext context, PathString verb)
    {
        var isPrioritize = verb.Equals("/prioritize", StringComparison.OrdinalIgnoreCase);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new RefusalBody($"gpu-scheduler is not ready: {string.Join(", ", source.NotReadyReasons)}"), ApiJson.Default.RefusalBody);
        context.Response.StatusCode = isPrioritize ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }
}
