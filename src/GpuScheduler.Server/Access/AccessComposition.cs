using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Access;

/// <summary>Puts the gate together as the options say.</summary>
internal static class AccessComposition
{
    /// <summary>How long the API server may take to review a token: callers wait.</summary>
    private static readonly TimeSpan ReviewTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The gate; null when everybody may read.</summary>
    /// <exception cref="TokenFileException">The file of tokens cannot be used.</exception>
    /// <exception cref="ClusterSourceException">There is no API server to review tokens.</exception>
    public static AccessGate? Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<GpuSchedulerOptions>();
        if (!options.Access.IsRestricted) return null;
        var time = services.GetRequiredService<TimeProvider>();
        var judges = new List<ITokenJudge>();
        if (options.Access.TokenFile.Length > 0) judges.Add(new TokenFile(options.Access.TokenFile, time, services.GetRequiredService<ILogger<TokenFile>>()));
        if (options.Access.TokenReview) judges.Add(new ReviewedTokens(ClientOf(options.Kubernetes), options.Access.Audiences, time));
        return new AccessGate(judges, time);
    }

    /// <summary>A client of its own: whoever brings made-up tokens must not delay binds.</summary>
    private static HttpKubernetesApi ClientOf(KubernetesSection kubernetes)
    {
        try
        {
            var context = kubernetes.Context.Length > 0 ? kubernetes.Context : null;
            return new HttpKubernetesApi(
                ClusterConnections.Load(kubernetes.Kubeconfig, context, HostEnvironment.Current, TimeProvider.System),
                new KubernetesApiOptions { UserAgent = $"gpu-scheduler/{BuildInfo.Current.Version}", RequestTimeout = ReviewTimeout, WritesPerSecond = 200, WriteBurst = 400 });
        }
        catch (Exception problem) when (problem is ClusterConfigException or ArgumentException)
        {
            throw new ClusterSourceException($"access.tokenReview needs an API server to ask: {problem.Message}");
        }
    }
}
