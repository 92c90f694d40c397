namespace GpuScheduler.Simulation.Mig;

/// <summary>Decides where an instance goes. May remember what it saw; one object serves one replay.</summary>
internal abstract class MigPolicy
{
    /// <summary>The place; <see cref="MigSpot.None"/> only when the profile fits nowhere.</summary>
    /// <param name="fleet">The fleet now.</param>
    /// <param name="profile">Position of the profile in the geometry.</param>
    public abstract MigSpot Choose(MigFleet fleet, int profile);

    /// <summary>The start that comes first; -1 when none is free.</summary>
    protected static int LowestStart(MigFleet fleet, int gpu, int profile)
    {
        var free = fleet.Geometry.FreeStarts(fleet.Gpus[gpu], profile);
        return free == 0 ? -1 : System.Numerics.BitOperations.TrailingZeroCount(free);
    }
}
