using Microsoft.AspNetCore.Builder;
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
    /// services, and everything else under the prefix to an answer that says what is wrong.
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

        group.Map("/{**rest}", ExtenderHttp.RefuseUnknownVerbAsync);
        return group.WithMetadata(ExtenderEndpoint.Instance);
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
