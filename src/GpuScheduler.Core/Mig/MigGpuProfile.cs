namespace GpuScheduler.Core.Mig;

/// <summary>A profile on one kind of GPU.</summary>
/// <param name="Profile">Its name, taken apart.</param>
/// <param name="Aliases">Names other driver versions give it.</param>
/// <param name="Starts">Memory slices an instance may begin at, ascending; empty when they are not known.</param>
/// <param name="Size">Memory slices an instance takes; 0 when not known.</param>
/// <param name="MaxCount">Most instances on an empty GPU.</param>
/// <param name="Shape">Which of <see cref="MigGrid"/>'s shapes it has; -1 when the placements are not known.</param>
public sealed record MigGpuProfile(
    MigProfile Profile, IReadOnlyList<MigProfile> Aliases, IReadOnlyList<int> Starts, int Size, int MaxCount, int Shape);
