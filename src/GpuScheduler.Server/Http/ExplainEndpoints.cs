using System.Globalization;
using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>The endpoints that answer why: pods, waiting pods, explanations, and the whole state for a look at home. None changes anything.</summary>
internal sealed class ExplainEndpoints(
    ClusterStates states, PodBodies pods, ExplainBodies explanations, DecisionBodies decisions, ManifestReader manifests,
    GpuSchedulerOptions options)
{
    private const int DefaultLimit = 1_000;
    private const int UsualDecisions = 50;
    private const int MaxManifestBytes = 1024 * 1024;

    /// <summary>Adds them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/pods", ListPods);
        routes.MapGet("/api/v1/pods/{namespace}/{name}", GetPod);
        routes.MapGet("/api/v1/waiting", GetWaiting);
        routes.MapPost("/api/v1/explain", Explain);
        routes.MapGet("/api/v1/decisions", ListDecisions);
        routes.MapGet("/api/v1/snapshot", Download);
    }

    private async Task ListPods(HttpContext context)
    {
        var query = context.Request.Query;
        if (!TryReadLimit(context, DefaultLimit, out var limit, out var problem))
        {
            await HttpAnswers.WriteError(context, StatusCodes.Status400BadRequest, problem);
            return;
        }

        var selection = new PodSelection(One(query["namespace"]), One(query["state"]), One(query["node"]));
        if (selection.State is { } state && !PodSelection.States.Contains(state))
        {
            await HttpAnswers.WriteError(
                context, StatusCodes.Status400BadRequest, $"state: '{state}' is not one of {string.Join(", ", PodSelection.States)}");
            return;
        }

        var found = pods.List(await states.ReadAsync(context.RequestAborted), selection, One(query["continue"]) ?? "", limit);
        await HttpAnswers.WriteJson(context, StatusCodes.Status200OK, found, HttpAnswers.Json.PodListBody);
    }

    private async Task GetPod(HttpContext context)
    {
        var state = await states.ReadAsync(context.RequestAborted);
        var (inNamespace, name) = ((string)context.Request.RouteValues["namespace"]!, (string)context.Request.RouteValues["name"]!);
        if (PodBodies.Find(state, inNamespace, name) is { } found)
        {
            await HttpAnswers.WriteJson(context, StatusCodes.Status200OK, explanations.Of(state, found, decisions.Last(found.Pod.Uid)), HttpAnswers.Json.ExplanationBody);
        }
        else
        {
            await HttpAnswers.WriteError(
                context, StatusCodes.Status404NotFound,
                $"pod '{inNamespace}/{name}' is not known, waiting or placed; GET /api/v1/pods lists those that are, POST /api/v1/explain takes any manifest");
        }
    }

    private async Task GetWaiting(HttpContext context) => await HttpAnswers.WriteJson(
        context, StatusCodes.Status200OK, pods.Waiting(await states.ReadAsync(context.RequestAborted)), HttpAnswers.Json.WaitingBody);

    private async Task Explain(HttpContext context)
    {
        if (context.Request.ContentLength > MaxManifestBytes)
        {
            await RefuseLongAsync(context);
            return;
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length <= MaxManifestBytes) continue;
            await RefuseLongAsync(context);
            return;
        }

        await SocketThread.LeaveAsync();
        try
        {
            var asked = manifests.Read(body.ToArray());
            var state = await states.ReadAsync(context.RequestAborted);
            var answer = new ExplanationListBody(state.Snapshot.Generation, [.. asked.Select(manifest => explanations.Of(state, manifest))]);
            await HttpAnswers.WriteJson(context, StatusCodes.Status200OK, answer, HttpAnswers.Json.ExplanationListBody);
        }
        catch (FormatException problem)
        {
            await HttpAnswers.WriteError(context, StatusCodes.Status400BadRequest, problem.Message);
        }
    }

    private static Task RefuseLongAsync(HttpContext context) => HttpAnswers.WriteError(
        context, StatusCodes.Status413PayloadTooLarge, "the manifest is longer than 1 MiB; send the pods to explain alone");

    private Task ListDecisions(HttpContext context) =>
        TryReadLimit(context, UsualDecisions, out var limit, out var problem)
            ? HttpAnswers.WriteJson(context, StatusCodes.Status200OK, decisions.Newest(limit), HttpAnswers.Json.DecisionListBody)
            : HttpAnswers.WriteError(context, StatusCodes.Status400BadRequest, problem);

    private async Task Download(HttpContext context)
    {
        var state = await states.ReadAsync(context.RequestAborted);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"gpu-scheduler-snapshot.json\"";
        await SnapshotFile.WriteAsync(context.Response.BodyWriter, state, options, context.RequestAborted);
    }

    private static bool TryReadLimit(HttpContext context, int usual, out int limit, out string problem)
    {
        limit = usual;
        problem = "";
        var text = One(context.Request.Query["limit"]);
        if (text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit > 0)) return true;
        problem = $"limit: '{text}' is not a whole number from 1 on";
        return false;
    }

    private static string? One(Microsoft.Extensions.Primitives.StringValues values) => values.Count > 0 && values[0] is { Length: > 0 } text ? text : null;
}
