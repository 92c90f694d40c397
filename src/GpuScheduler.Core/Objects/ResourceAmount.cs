namespace GpuScheduler.Core.Objects;

/// <summary>An amount of one resource in the unit its columns use: thousandths of CPU, MiB of memory and storage, otherwise a count.</summary>
/// <param name="Name">The resource's full name.</param>
/// <param name="Amount">How much; never negative.</param>
public readonly record struct ResourceAmount(string Name, long Amount);
