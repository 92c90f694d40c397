namespace GpuScheduler.Core.Mig;

/// <summary>What a MIG profile name says after its memory (NVIDIA MIG User Guide, "MIG Device Names"; mig-parted <c>pkg/types/mig_profile.go</c>).</summary>
public enum MigProfileSuffix
{
    /// <summary>Nothing: <c>1g.10gb</c>.</summary>
    None,

    /// <summary>At least one media engine: <c>1g.10gb+me</c>. One such instance fits on a GPU, whatever its start.</summary>
    Media,

    /// <summary>All media engines: <c>1g.24gb+me.all</c>. Excludes every other instance with media engines.</summary>
    AllMedia,

    /// <summary>No media engine: <c>1g.24gb-me</c>.</summary>
    NoMedia,

    /// <summary>Graphics capable: <c>1g.24gb+gfx</c> (GB20x only).</summary>
    Graphics,
}
