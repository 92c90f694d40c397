using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>
/// Refuses the verbs until the snapshot holds the whole cluster: a pod must not be told that there is no such node, or that nothing fits,
/// because we have not looked yet. kube-scheduler tries a pod again after an error.
/// </summary>
internal sealed class SyncGate(IClusterSource source, GpuSchedulerOptions options)
{
    private readonly PathString _verbs = options.Extender.Path;
    private volatile bool _isOpen;

    /// <summary>Passes the request on, or answers it.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_isOpen || !context.Request.Path.StartsWithSegments(_verbs, StringComparison.OrdinalIgnoreCase, out var verb)) return next(context);
        _isOpen = source.IsSynced;
        if (_isOpen) return next(context);

        // Only these two answers have a place for a reason; elsewhere kube-scheduler sees the status alone.
        var hasError = verb == "/filter" || verb == "/bind";
        var error = new ExtenderErrorBody($"not ready: {string.Join("; ", source.NotReadyReasons)}");
        return JsonAnswer.WriteAsync(
            context, hasError ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, error, JsonAnswer.Types.ExtenderErrorBody);
    }
}
