using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GpuScheduler.Extender;

/// <summary>Puts the verbs on HTTP.</summary>
public static class ExtenderEndpoints
{
    /// <summary>Where the verbs are unless configured otherwise; kube-scheduler's <c>urlPrefix</c> ends with it.</summary>
    public const string DefaultPrefix = "/scheduler";

    /// <summary>
    /// Maps <c>POST {prefix}/filter</c>, <c>/prioritize</c>, <c>/preempt</c> and <c>/bind</c> to the <see cref="ExtenderVerbs"/> among the
    /// services.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no <see cref="ExtenderVerbs"/> among the services.</exception>
    public static IEndpointConventionBuilder MapExtender(this IEndpointRouteBuilder endpoints, string prefix = DefaultPrefix)
    {
        var verbs = endpoints.ServiceProvider.GetRequiredService<ExtenderVerbs>();
        var group = endpoints.MapGroup(prefix.TrimEnd('/'));
        foreach (var verb in Enum.GetValues<ExtenderVerb>())
        {
            group.Map(ExtenderHttp.PathOf(verb), new ExtenderHttp(verbs, verb).HandleAsync);
        }

        return group.WithMetadata(ExtenderEndpoint.Instance);
    }

    /// <summary>
    /// Answers everything else under the prefix with what is wrong; for what guards the verbs it is one of them. To be used before those guards. Routing does
    /// not know of it: beside an endpoint that catches all it takes the path of every call apart.
    /// </summary>
    public static void UseUnknownVerbs(this IApplicationBuilder app, string prefix = DefaultPrefix)
    {
        var unknown = new Endpoint(ExtenderHttp.RefuseUnknownVerbAsync, new EndpointMetadataCollection(ExtenderEndpoint.Instance), "unknown verb");
        var under = new PathString(prefix.TrimEnd('/'));
        app.Use((context, next) =>
        {
            if (context.GetEndpoint() is null && context.Request.Path.StartsWithSegments(under, StringComparison.OrdinalIgnoreCase)) context.SetEndpoint(unknown);
            return next(context);
        });
    }
}

/// <summary>Marks the endpoints of <see cref="ExtenderEndpoints.MapExtender"/>, under whichever prefix: what guards the verbs finds them by it.</summary>
public sealed class ExtenderEndpoint
{
    private ExtenderEndpoint()
    {
    }

    internal static ExtenderEndpoint Instance { get; } = new();
}
