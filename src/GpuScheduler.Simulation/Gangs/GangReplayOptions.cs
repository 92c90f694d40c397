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
}
