namespace GpuScheduler.Core.Gangs;

/// <summary>
/// How close a gang wants its pods. A level is named by its node label (<see cref="Snapshots.TopologyLevels"/>) or is
/// <see cref="Hostname"/>: one node.
/// </summary>
/// <param name="Required">All pods within one domain of this level, or none of them starts; null for no such demand.</param>
/// <param name="Preferred">Within one domain of this level if one has room, otherwise over as few as possible; null for as close as can be.</param>
public sealed record TopologyWish(string? Required, string? Preferred)
{
    /// <summary>The level of single nodes.</summary>
    public const string Hostname = "kubernetes.io/hostname";

    /// <summary>No demand: as close as can be.</summary>
    public static TopologyWish None { get; } = new(null, null);

    /// <summary>
    /// Volcano counts levels from the nearest as tiers 1, 2, ...; the level of a tier is the n-th innermost of the configured ones. 0 for no
    /// such demand.
    /// </summary>
    public int RequiredTier { get; init; }

    /// <summary>As <see cref="RequiredTier"/>, for a wish.</summary>
    public int PreferredTier { get; init; }
}
