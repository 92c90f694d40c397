using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>The endpoints that only look: health, version, and what the snapshot holds.</summary>
internal sealed class ReadEndpoints(SnapshotStore store, IClusterSource source, NodeBodies bodies, string extenderPath)
{
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>Adds them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", context => WriteText(context, StatusCodes.Status200OK, Landing()));
        routes.MapGet("/livez", context => WriteText(context, StatusCodes.Status200OK, "ok\n"));
        routes.MapGet("/readyz", Readyz);
        routes.MapGet("/version", context => WriteJson(context, StatusCodes.Status200OK, BuildInfo.Current, ApiJson.Default.VersionBody));
        routes.MapGet("/api/v1/nodes", ListNodes);
        routes.MapGet("/api/v1/nodes/{name}", GetNode);
    }

    private Task Readyz(HttpContext context)
    {
        var reasons = source.NotReadyReasons;
        return reasons.Count == 0
            ? WriteText(context, StatusCodes.Status200OK, "ok\n")
            : WriteText(context, StatusCodes.Status503ServiceUnavailable, $"not ready:\n{string.Concat(reasons.Select(reason => $"- {reason}\n"))}");
    }

    private Task ListNodes(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = int.MaxValue;
        var after = -1;
        if (query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit == 0))
        {
            return WriteError(context, StatusCodes.Status400BadRequest, $"limit: '{text}' is not a whole number from 1 on");
        }

        if (query.TryGetValue("continue", out text) && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return WriteError(context, StatusCodes.Status400BadRequest, $"continue: '{text}' is not from an answer of this service; leave it out to begin anew");
        }

        return WriteJson(context, StatusCodes.Status200OK, bodies.List(store.Current, after, limit), ApiJson.Default.NodeListBody);
    }

    private Task GetNode(HttpContext context)
    {
        var snapshot = store.Current;
        var name = (string)context.Request.RouteValues["name"]!;
        return snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is { } row
            ? WriteJson(context, StatusCodes.Status200OK, NodeBodies.Detail(snapshot, row), ApiJson.Default.NodeBody)
            : WriteError(
                context, StatusCodes.Status404NotFound,
                $"node '{name}' is not in the snapshot (generation {snapshot.Generation}, {snapshot.NodeCount} nodes); GET /api/v1/nodes lists them");
    }

    private string Landing() =>
        $"""
         gpu-scheduler {BuildInfo.Current.Version}: a kube-scheduler extender that places pods on GPUs.
         Cluster: {source.Description}, {store.Current.NodeCount} nodes.

         POST {extenderPath}/filter       which nodes can take the pod
         POST {extenderPath}/prioritize   how good each is, 0..10
         POST {extenderPath}/preempt      which victims make room
         POST {extenderPath}/bind         put the pod on the node
         GET  /api/v1/nodes         nodes, free GPUs, topology; ?limit=N&continue=TOKEN
         GET  /api/v1/nodes/NAME    everything known of one node
         GET  /livez /readyz /version

         """;

    private static Task WriteText(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Text;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static Task WriteError(HttpContext context, int status, string error) =>
        WriteJson(context, status, new ErrorBody(error), ApiJson.Default.ErrorBody);

    private static Task WriteJson<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.BodyWriter, body, type, context.RequestAborted);
    }
}
