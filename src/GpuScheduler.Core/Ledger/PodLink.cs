namespace GpuScheduler.Core.Ledger;

/// <summary>A pod's neighbours in the list it is in, as slots; <see cref="PodEntry.NoSlot"/> at an end.</summary>
/// <param name="Previous">The one before it.</param>
/// <param name="Next">The one after it.</param>
internal record struct PodLink(int Previous, int Next);
