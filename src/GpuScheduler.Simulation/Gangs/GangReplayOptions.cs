using GpuScheduler.Core.Packing;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>What a gang replay is made of. Nodes have eight GPUs.</summary>
public sealed record GangReplayOptions
{
    /// <summary>How many nodes.</summary>
    public int Nodes { get; init; } = 256;

    /// <summary>Nodes in an NVLink domain.</summary>
    public int NodesPerDomain { get; init; } = 8;

    /// <summary>NVLink domains in a rack row (<c>network.topology.nvidia.com/leaf</c>).</summary>
    public int DomainsPerLeaf { get; init; } = 4;

    /// <summary>Jobs per run; the first fifth is not counted.</summary>
    public int Jobs { get; init; } = 1500;

    /// <summary>GPUs asked for at a time, per GPU there is.</summary>
    public IReadOnlyList<double> Loads { get; init; } = [0.7, 0.85];

    /// <summary>Results are means over these.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Pods of a trace, whose shapes single pods have; empty for made-up ones.</summary>
    public IReadOnlyList<TracePod> Pods { get; init; } = [];

    /// <summary>How much of the GPUs asked for is asked for by gangs, 0..1, where single pods come from a trace.</summary>
    public double GangShare { get; init; } = 0.5;

    /// <summary>Hours after which a further row keeps nodes for a gang that waits; 0 for no such row.</summary>
    public double ReserveAfterHours { get; init; } = 1;

    /// <summary>The constants that single pods are placed with.</summary>
    public ResidualValueOptions Packing { get; init; } = new();
}
