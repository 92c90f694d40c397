namespace GpuScheduler.Core.Mig;

/// <summary>One GPU instance on a node: which GPU, which profile, and where.</summary>
/// <param name="Gpu">Index of the GPU on its node.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Start">First memory slice.</param>
public readonly record struct MigSlot(int Gpu, MigProfile Profile, int Start);
