using GpuScheduler.Extender;

namespace GpuScheduler.Server.Http;

/// <summary>Says in words what routing refuses with a status alone: a path that does not exist (404), and a method that a path does not take (405).</summary>
internal static class RoutingWords
{
    /// <summary>Adds it around everything else; the verbs, which have words of their own, go straight through.</summary>
    public static void Use(IApplicationBuilder app) =>
        app.Use((context, next) => context.GetEndpoint()?.Metadata.GetMetadata<ExtenderEndpoint>() is not null ? next(context) : SayAsync(context, next));

    private static async Task SayAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        var (request, response) = (context.Request, context.Response);
        if (response.HasStarted || response.ContentLength is not null || response.ContentType is not null) return;
        if (response.StatusCode == StatusCodes.Status404NotFound)
        {
            await HttpAnswers.WriteError(context, response.StatusCode, $"there is no {request.Path}; GET / lists what there is");
        }
        else if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            await HttpAnswers.WriteError(context, response.StatusCode, $"{request.Path} takes {response.Headers.Allow}, not {request.Method}");
        }
    }
}
