using GpuScheduler.Core.Objects;

namespace GpuScheduler.Simulation.Openb;

/// <summary>A pod of a trace.</summary>
/// <param name="Name">Its name, unique in the trace.</param>
/// <param name="Shape">What it asks for.</param>
/// <param name="CreatedSeconds">When it came, in seconds since the start of the trace; null where the trace does not say.</param>
/// <param name="DeletedSeconds">When it left; null where the trace does not say.</param>
public sealed record TracePod(string Name, PodShape Shape, double? CreatedSeconds, double? DeletedSeconds);
