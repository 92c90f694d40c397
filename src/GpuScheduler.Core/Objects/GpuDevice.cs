namespace GpuScheduler.Core.Objects;

/// <summary>
/// One GPU of a node as far as it is known. What no annotation says is taken from the node's labels, where all GPUs are described at once,
/// and marked as inferred.
/// </summary>
/// <param name="Index">The device's index on its node, as its device plugin counts.</param>
public sealed record GpuDevice(int Index)
{
    /// <summary><c>GPU-...</c>; empty when unknown.</summary>
    public string Uuid { get; init; } = "";

    /// <summary>The product, spelled as in <see cref="GpuLabels.Model"/>; empty when unknown.</summary>
    public string Model { get; init; } = "";

    /// <summary>Memory in MiB; 0 when unknown.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>NUMA node; -1 when unknown.</summary>
    public int Numa { get; init; } = -1;

    /// <summary>Name of the group of GPUs that are joined by NVLink; equal names on one node mean joined. Empty when unknown.</summary>
    public string LinkIsland { get; init; } = "";

    /// <summary>False when a source reports it as broken: it is not handed out.</summary>
    public bool IsHealthy { get; init; } = true;

    /// <summary>That it is broken is a guess: so many of the node's devices are, and nobody says which.</summary>
    public bool IsHealthInferred { get; init; }

    /// <summary>Pods and containers that may share it; 0 for no limit.</summary>
    public int MaxTasks { get; init; }

    /// <summary>Nothing names this device: it stands for one of the GPUs that labels and allocatable tell of.</summary>
    public bool IsInferred { get; init; }
}
