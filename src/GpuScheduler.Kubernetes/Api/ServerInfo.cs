namespace GpuScheduler.Kubernetes;

/// <summary>What the API server says of itself.</summary>
/// <param name="GitVersion">Full version, such as <c>v1.36.2</c>.</param>
/// <param name="Major">Major version; 0 when unreadable.</param>
/// <param name="Minor">Minor version, without a vendor's <c>+</c>; 0 when unreadable.</param>
/// <param name="GroupVersions">Every <c>group/version</c> served, and <c>v1</c> for the core group.</param>
public sealed record ServerInfo(string GitVersion, int Major, int Minor, IReadOnlySet<string> GroupVersions)
{
    /// <summary>Whether objects of this type are served.</summary>
    public bool Serves(ResourceType resource) => GroupVersions.Contains(resource.ApiVersion);

    /// <summary>
    /// Whether watch-list is worth trying: on by default since 1.32 (beta). Only a hint; the watch itself answers
    /// <see cref="ApiStatus.IsInvalid"/> where the feature is off.
    /// </summary>
    public bool LikelyOffersWatchList => Major > 1 || (Major == 1 && Minor >= 32);
}
