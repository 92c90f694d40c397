using GpuScheduler.Extender;

namespace GpuScheduler.Server.Http;

/// <summary>What a port answers where the verbs and the rest have ports of their own (<c>server.apiUrls</c>): a feature of the connection.</summary>
internal sealed class PortRole
{
    private PortRole()
    {
    }

    /// <summary>The verbs and health.</summary>
    public static PortRole Verbs { get; } = new();

    /// <summary>All but the verbs.</summary>
    public static PortRole Api { get; } = new();

    /// <summary>Adds the check in front of all endpoints.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        var metadata = context.GetEndpoint()?.Metadata;
        var isVerb = metadata?.GetMetadata<ExtenderEndpoint>() is not null;
        var isVerbPort = context.Features.Get<PortRole>() == Verbs;
        return isVerb == isVerbPort || metadata?.GetMetadata<HealthEndpoint>() is not null ? next(context)
            : HttpAnswers.WriteError(
                context, StatusCodes.Status404NotFound,
                isVerb ? "this port does not answer the extender's verbs; those of server.urls do"
                    : "this port answers the extender's verbs, /livez and /readyz alone; those of server.apiUrls answer the rest");
    });
}
