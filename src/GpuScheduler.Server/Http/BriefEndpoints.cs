using GpuScheduler.Extender;

namespace GpuScheduler.Server.Http;

/// <summary>The endpoints that machines wait for, the verbs and health: answered at once, without a limit to how often.</summary>
internal static class BriefEndpoints
{
    /// <summary>Whether a request is for one of them.</summary>
    public static bool Include(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata && (metadata.GetMetadata<ExtenderEndpoint>() is not null || metadata.GetMetadata<HealthEndpoint>() is not null);
}
