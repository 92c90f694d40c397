namespace GpuScheduler.Core.Mig;

/// <summary>
/// What one more place for a profile is worth to the cluster. The cluster is worth the sum over profiles of
/// <c>share x memory x ln(1 + places)</c>, so a place is worth <c>share x memory / (1 + places)</c>: little while there are many, much when
/// it is the last. Our own rule; the replay in <c>GpuScheduler.Simulation.Mig</c> compares it with published ones.
/// </summary>
public static class MigPrices
{
    /// <summary>The price of a place.</summary>
    /// <param name="share">Share of the profile among requests, 0..1.</param>
    /// <param name="memoryGb">Memory of an instance (of the GPU, for whole GPUs).</param>
    /// <param name="places">Places there are, 0 or more.</param>
    public static double Of(double share, int memoryGb, long places) => share * memoryGb / (1 + Math.Max(0, places));

    /// <summary>Prices of all profiles of a geometry, by position.</summary>
    public static double[] Of(MigGeometry geometry, MigMix mix, MigInventory inventory) =>
    [
        .. geometry.Profiles.Select(profile =>
            Of(mix.ShareOf(profile.Profile), profile.Profile.MemoryGb, inventory[profile.Profile])),
    ];
}
