namespace GpuScheduler.Simulation.Generation;

/// <summary>A kind of machine that the generator puts into racks.</summary>
internal sealed record NodeProfile
{
    /// <summary>First part of the node names.</summary>
    public required string Prefix { get; init; }

    /// <summary>How many of 200 nodes are of this kind.</summary>
    public required int Share { get; init; }

    /// <summary>Machines in a rack; they share a leaf switch.</summary>
    public required int NodesPerRack { get; init; }

    /// <summary>Value of <c>nvidia.com/gpu.machine</c>, as the BIOS names the server.</summary>
    public required string Machine { get; init; }

    /// <summary>Cores of the machine.</summary>
    public required int Cores { get; init; }

    /// <summary>Memory of the machine in GiB.</summary>
    public required int MemoryGiB { get; init; }

    /// <summary>Most pods it takes.</summary>
    public int MaxPods { get; init; } = 110;

    /// <summary><c>kubernetes.io/arch</c>.</summary>
    public string Architecture { get; init; } = "amd64";

    /// <summary>Its GPUs; null for a machine without.</summary>
    public GpuProfile? Gpu { get; init; }

    /// <summary>GPUs in it.</summary>
    public int GpuCount { get; init; }

    /// <summary>How often each GPU is offered by time-slicing; 1 when it is not.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Offers <c>gpu-scheduler.io/gpu-milli</c> beside whole GPUs.</summary>
    public bool OffersMilli { get; init; }

    /// <summary>The GPUs of a rack are one NVLink domain.</summary>
    public bool IsRackFabric { get; init; }

    /// <summary>MIG layouts to choose from, one per node; empty where MIG is off.</summary>
    public IReadOnlyList<MigLayout> MigLayouts { get; init; } = [];
}

/// <summary>What GPU Feature Discovery says of a GPU model.</summary>
/// <param name="Product"><c>nvidia.com/gpu.product</c> without suffixes.</param>
/// <param name="Family"><c>nvidia.com/gpu.family</c>.</param>
/// <param name="MemoryMiB"><c>nvidia.com/gpu.memory</c>.</param>
/// <param name="ComputeMajor"><c>nvidia.com/gpu.compute.major</c>.</param>
/// <param name="ComputeMinor"><c>nvidia.com/gpu.compute.minor</c>.</param>
/// <param name="IsMigCapable"><c>nvidia.com/mig.capable</c>.</param>
internal sealed record GpuProfile(string Product, string Family, int MemoryMiB, int ComputeMajor, int ComputeMinor, bool IsMigCapable);

/// <summary>How the GPUs of a node are cut up.</summary>
/// <param name="Config"><c>nvidia.com/mig.config</c>: the configuration's name in mig-parted.</param>
/// <param name="WholeGpus">GPUs left with MIG off.</param>
/// <param name="SlicesPerGpu">What each of the other GPUs is cut into.</param>
internal sealed record MigLayout(string Config, int WholeGpus, IReadOnlyList<(MigProfile Profile, int Count)> SlicesPerGpu);

/// <summary>What GPU Feature Discovery says of a MIG profile.</summary>
/// <param name="Name">As in the resource's name, e.g. <c>1g.5gb</c>.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="MemoryMiB">Usable memory.</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="Decoders">Video decoders.</param>
/// <param name="JpegEngines">JPEG and optical-flow engines, of which it has equally many.</param>
internal sealed record MigProfile(string Name, int ComputeSlices, int MemoryMiB, int Multiprocessors, int Decoders, int JpegEngines);
