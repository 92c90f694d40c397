using System.Globalization;
using System.Threading.RateLimiting;
using GpuScheduler.Server.Options;
using Microsoft.AspNetCore.RateLimiting;

namespace GpuScheduler.Server.Http;

/// <summary>
/// How many reads one address may make a second, by ASP.NET Core's rate limiter. It comes before tokens are looked at, so that guessing them is
/// slow. The verbs and health have no limit: kube-scheduler and the kubelet must never wait behind somebody's script.
/// </summary>
internal static class ReadLimit
{
    /// <summary>Reads at once, in seconds' worth: a page loads a dozen files, a script comes in bursts.</summary>
    private const int BurstSeconds = 2;

    /// <summary>Adds what <see cref="Use"/> needs.</summary>
    public static void Add(IServiceCollection services, ServerSection options) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new()
            {
                TokenLimit = options.ReadsPerSecond * BurstSeconds,
                TokensPerPeriod = options.ReadsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = true,
            }));
        limiter.OnRejected = (rejected, _) => new ValueTask(RefuseAsync(rejected, options.ReadsPerSecond));
    });

    /// <summary>Adds it in front of what reads.</summary>
    public static void Use(IApplicationBuilder reads) => reads.UseRateLimiter();

    private static Task RefuseAsync(OnRejectedContext rejected, int perSecond)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var told) ? Math.Max(1, (int)Math.Ceiling(told.TotalSeconds)) : 1;
        rejected.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        return HttpAnswers.WriteError(
            rejected.HttpContext, StatusCodes.Status429TooManyRequests,
            $"more than {perSecond} reads a second from this address; come back in {wait} s, or raise server.readsPerSecond. The verbs have no such limit");
    }
}
