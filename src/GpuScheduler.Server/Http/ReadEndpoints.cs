using System.Globalization;
using System.Text;
using GpuScheduler.Cluster.Auditing;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Access;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>The endpoints that only look: health, version, and what the snapshot holds.</summary>
internal sealed class ReadEndpoints(SnapshotStore store, IClusterSource source, NodeBodies bodies, Auditor auditor, GpuSchedulerOptions options)
{
    /// <summary>Adds them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/livez", methods, context => HttpAnswers.WriteText(context, StatusCodes.Status200OK, "ok\n")).WithMetadata(HealthEndpoint.Instance, PublicEndpoint.Instance);
        routes.MapMethods("/readyz", methods, Readyz).WithMetadata(HealthEndpoint.Instance, PublicEndpoint.Instance);
        routes.MapGet("/version", context => HttpAnswers.WriteJson(context, StatusCodes.Status200OK, BuildInfo.Current, HttpAnswers.Json.VersionBody));
        routes.MapGet("/api/v1/nodes", ListNodes);
        routes.MapGet("/api/v1/nodes/{name}", GetNode);
        routes.MapGet("/api/v1/domains", context => HttpAnswers.WriteJson(context, StatusCodes.Status200OK, DomainBodies.List(store.Current), HttpAnswers.Json.DomainListBody));
        routes.MapGet("/api/v1/drift", Drift);
        routes.MapGet("/api/v1/audit", Audit);
    }

    private Task Readyz(HttpContext context)
    {
        var reasons = source.NotReadyReasons;
        return reasons.Count == 0
            ? HttpAnswers.WriteText(context, StatusCodes.Status200OK, "ok\n")
            : HttpAnswers.WriteText(context, StatusCodes.Status503ServiceUnavailable, $"not ready:\n{string.Concat(reasons.Select(reason => $"- {reason}\n"))}");
    }

    private Task ListNodes(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = int.MaxValue;
        var after = -1;
        if (query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit == 0))
        {
            return HttpAnswers.WriteError(context, StatusCodes.Status400BadRequest, $"limit: '{text}' is not a whole number from 1 on");
        }

        if (query.TryGetValue("continue", out text) && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return HttpAnswers.WriteError(context, StatusCodes.Status400BadRequest, $"continue: '{text}' is not from an answer of this service; leave it out to begin anew");
        }

        return HttpAnswers.WriteJson(context, StatusCodes.Status200OK, bodies.List(store.Current, after, limit), HttpAnswers.Json.NodeListBody);
    }

    private Task GetNode(HttpContext context)
    {
        var snapshot = store.Current;
        var name = (string)context.Request.RouteValues["name"]!;
        return snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is { } row
            ? HttpAnswers.WriteJson(context, StatusCodes.Status200OK, NodeBodies.Detail(snapshot, row), HttpAnswers.Json.NodeBody)
            : HttpAnswers.WriteError(
                context, StatusCodes.Status404NotFound,
                $"node '{name}' is not in the snapshot (generation {snapshot.Generation}, {snapshot.NodeCount} nodes); GET /api/v1/nodes lists them");
    }

    /// <summary>Costs a list of the whole cluster: for people and tests, not for probes.</summary>
    private async Task Drift(HttpContext context)
    {
        try
        {
            var drift = await source.CompareAsync(store, context.RequestAborted);
            await HttpAnswers.WriteJson(context, StatusCodes.Status200OK, new DriftBody(drift), HttpAnswers.Json.DriftBody);
        }
        catch (HttpRequestException problem)
        {
            await HttpAnswers.WriteError(context, StatusCodes.Status502BadGateway, problem.Message);
        }
    }

    /// <summary>Audits now, as is done every half a minute anyway.</summary>
    private async Task Audit(HttpContext context)
    {
        var report = await auditor.AuditAsync(context.RequestAborted);
        await HttpAnswers.WriteJson(
            context, StatusCodes.Status200OK,
            new AuditBody(
                report.Generation, report.Devices, report.OvercommittedDevices,
                [.. report.Findings.Select(finding => new FindingBody(finding.Kind.ToString(), finding.Node, finding.Device, finding.Message))]),
            HttpAnswers.Json.AuditBody);
    }

    /// <summary>What there is here, for people with curl.</summary>
    public Task Landing(HttpContext context)
    {
        var extenderPath = options.Extender.Path;
        return HttpAnswers.WriteText(context, StatusCodes.Status200OK, $"""
         gpu-scheduler {BuildInfo.Current.Version}: a kube-scheduler extender that places pods on GPUs.
         {(options.Access.IsRestricted ? "GET needs a bearer token: -H \"Authorization: Bearer $TOKEN\"." : $"Cluster: {source.Description}, {store.Current.NodeCount} nodes.")}

         POST {extenderPath + "/filter",-24} which nodes can take the pod
         POST {extenderPath + "/prioritize",-24} how good each is, 0..10
         POST {extenderPath + "/preempt",-24} which victims make room
         POST {extenderPath + "/bind",-24} put the pod on the node
         GET  /api/v1/nodes            nodes, free GPUs, topology; ?limit=N&continue=TOKEN
         GET  /api/v1/nodes/NAME       everything known of one node
         GET  /api/v1/domains          topology domains with their free GPUs, and what is kept for a gang
         GET  /api/v1/pods             pods, waiting and placed; ?namespace=NS&state=waiting&node=NAME&limit=N&continue=TOKEN
         GET  /api/v1/pods/NS/NAME     why a pod is where it is, or why it waits and what would help
         GET  /api/v1/waiting          the waiting pods by what they ask for, with the reasons
         POST /api/v1/explain          the same for any manifest, YAML or JSON
         GET  /api/v1/decisions        what was decided lately, the newest first; ?limit=N
         GET  /api/v1/snapshot         the whole state as a Kubernetes list, for serve --cluster file:
         GET  /api/v1/drift            where the snapshot differs from the cluster's objects (nowhere, one hopes)
         GET  /api/v1/stream           the same as server-sent events; a browser sees the dashboard here instead of this text
         GET  /api/v1/runtime          collections, pauses, allocations, age of the snapshot
         GET  /api/v1/audit            devices given out twice, by pods' own annotations; phantom and unhealthy assignments
         GET  /metrics                 for Prometheus
         GET  /livez /readyz /version

         """);
    }
}
