namespace GpuScheduler.Core.Mig;

/// <summary>What the instances of one GPU take.</summary>
/// <param name="Mask">Bit i is set when memory slice i is taken.</param>
/// <param name="MediaTaken">Whether an instance has the media engines (<see cref="MigProfile.TakesMedia"/>).</param>
public readonly record struct MigOccupancy(ushort Mask, bool MediaTaken)
{
    /// <summary>A GPU in MIG mode without instances.</summary>
    public static MigOccupancy Empty => default;
}
