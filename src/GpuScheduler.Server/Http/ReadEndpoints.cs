using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>The endpoints that only look: health, version, and what the snapshot holds.</summary>
internal sealed class ReadEndpoints(SnapshotStore store, IClusterSource source, NodeBodies bodies, GpuSchedulerOptions options)
{
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>Leaves quotes and the like readable: the answers are never put into HTML.</summary>
    private static readonly ApiJson Answers =
        new(new JsonSerializerOptions(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Adds them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", context => WriteText(context, StatusCodes.Status200OK, Landing()));
        routes.MapGet("/livez", context => WriteText(context, StatusCodes.Status200OK, "ok\n"));
        routes.MapGet("/readyz", Readyz);
        routes.MapGet("/version", context => WriteJson(context, StatusCodes.Status200OK, BuildInfo.Current, Answers.VersionBody));
        routes.MapGet("/api/v1/nodes", ListNodes);
        routes.MapGet("/api/v1/nodes/{name}", GetNode);
        routes.MapGet("/api/v1/drift", Drift);
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

        return WriteJson(context, StatusCodes.Status200OK, bodies.List(store.Current, after, limit), Answers.NodeListBody);
    }

    private Task GetNode(HttpContext context)
    {
        var snapshot = store.Current;
        var name = (string)context.Request.RouteValues["name"]!;
        return snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is { } row
            ? WriteJson(context, StatusCodes.Status200OK, NodeBodies.Detail(snapshot, row), Answers.NodeBody)
            : WriteError(
                context, StatusCodes.Status404NotFound,
                $"node '{name}' is not in the snapshot (generation {snapshot.Generation}, {snapshot.NodeCount} nodes); GET /api/v1/nodes lists them");
    }

    /// <summary>Costs a list of the whole cluster: for people and tests, not for probes.</summary>
    private async Task Drift(HttpContext context)
    {
        try
        {
            var drift = await source.CompareAsync(store, context.RequestAborted);
            await WriteJson(context, StatusCodes.Status200OK, new DriftBody(drift), Answers.DriftBody);
        }
        catch (HttpRequestException problem)
        {
            await WriteError(context, StatusCodes.Status502BadGateway, problem.Message);
        }
    }

    private string Landing()
    {
        var extenderPath = options.Extender.Path;
        return $"""
         gpu-scheduler {BuildInfo.Current.Version}: a kube-scheduler extender that places pods on GPUs.
         Cluster: {source.Description}, {store.Current.NodeCount} nodes.

         POST {extenderPath + "/filter",-24} which nodes can take the pod
         POST {extenderPath + "/prioritize",-24} how good each is, 0..10
         POST {extenderPath + "/preempt",-24} which victims make room
         POST {extenderPath + "/bind",-24} put the pod on the node
         GET  /api/v1/nodes            nodes, free GPUs, topology; ?limit=N&continue=TOKEN
         GET  /api/v1/nodes/NAME       everything known of one node
         GET  /api/v1/drift            where the snapshot differs from the cluster's objects (nowhere, one hopes)
         GET  /metrics                 for Prometheus
         GET  /livez /readyz /version

         """;
    }

    private static Task WriteText(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Text;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static Task WriteError(HttpContext context, int status, string error) =>
        WriteJson(context, status, new ErrorBody(error), Answers.ErrorBody);

    private static Task WriteJson<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.BodyWriter, body, type, context.RequestAborted);
    }
}
