using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>What a <see cref="Reflector{T}"/> follows, and how.</summary>
/// <param name="Resource">The kind.</param>
public sealed record ReflectorOptions(ResourceType Resource)
{
    /// <summary>Namespace; null for all, and for cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>Field selector, so that only what matters is fetched; null for everything.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects per page of a list. client-go: 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// Whether to ask for the state as a stream (watch-list) before falling back to lists; see <see cref="ServerInfo.LikelyOffersWatchList"/>.
    /// </summary>
    public bool UseWatchList { get; init; }

    /// <summary>
    /// Shortest time the server is asked to keep a watch open; the longest is twice that. client-go: 5 to 10 minutes. Here it is shorter, because
    /// the end of a watch is a sign of life: servers up to 1.20 send a quiet watch its only bookmark two seconds before the end.
    /// </summary>
    public TimeSpan MinWatchTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
