namespace GpuScheduler.Simulation.Generation;

/// <summary>
/// The machines of the default mix. Label values are what k8s-device-plugin's <c>internal/lm</c> makes of the cards' own names; MIG
/// figures are those of the A100 40 GB in NVIDIA's MIG User Guide.
/// </summary>
internal static class NodeProfiles
{
    private static readonly GpuProfile A100 = new("NVIDIA-A100-SXM4-40GB", "ampere", 40960, 8, 0, IsMigCapable: true);
    private static readonly GpuProfile L40S = new("NVIDIA-L40S", "ada-lovelace", 46068, 8, 9, IsMigCapable: false);

    private static readonly MigProfile OneG = new("1g.5gb", 1, 4864, 14, 0, 0);
    private static readonly MigProfile TwoG = new("2g.10gb", 2, 9984, 28, 1, 0);
    private static readonly MigProfile ThreeG = new("3g.20gb", 3, 20096, 42, 2, 0);
    private static readonly MigProfile SevenG = new("7g.40gb", 7, 40448, 98, 5, 1);

    private static readonly MigLayout[] A100Layouts =
    [
        new("all-balanced", 0, [(OneG, 2), (TwoG, 1), (ThreeG, 1)]),
        new("all-1g.5gb", 0, [(OneG, 7)]),
        new("all-3g.20gb", 0, [(ThreeG, 2)]),
        new("all-7g.40gb", 0, [(SevenG, 1)]),
        new("half-balanced", 4, [(OneG, 2), (TwoG, 1), (ThreeG, 1)]),
    ];

    /// <summary>All of them; the shares add up to 200.</summary>
    public static IReadOnlyList<NodeProfile> All { get; } =
    [
        new()
        {
            Prefix = "h100", Share = 48, NodesPerRack = 4, Machine = "DGXH100", Cores = 224, MemoryGiB = 2048, GpuCount = 8,
            Gpu = new("NVIDIA-H100-80GB-HBM3", "hopper", 81559, 9, 0, IsMigCapable: true),
        },
        new()
        {
            Prefix = "h200", Share = 24, NodesPerRack = 4, Machine = "PowerEdge-XE9680", Cores = 192, MemoryGiB = 2048, GpuCount = 8,
            Gpu = new("NVIDIA-H200", "hopper", 143771, 9, 0, IsMigCapable: true),
        },
        new()
        {
            Prefix = "gb200", Share = 18, NodesPerRack = 18, Machine = "GB200-NVL", Cores = 144, MemoryGiB = 960, GpuCount = 4,
            Architecture = "arm64", IsRackFabric = true, Gpu = new("NVIDIA-GB200", "blackwell", 189471, 10, 0, IsMigCapable: true),
        },
        new()
        {
            Prefix = "a100", Share = 32, NodesPerRack = 4, Machine = "DGXA100-920-23687-2530-000", Cores = 128, MemoryGiB = 1024, GpuCount = 8,
            MaxPods = 250, Gpu = A100, MigLayouts = A100Layouts,
        },
        new()
        {
            Prefix = "l40s", Share = 24, NodesPerRack = 8, Machine = "PowerEdge-R760xa", Cores = 96, MemoryGiB = 768, GpuCount = 4, Gpu = L40S,
        },
        new()
        {
            Prefix = "l40s-frac", Share = 16, NodesPerRack = 8, Machine = "PowerEdge-R760xa", Cores = 96, MemoryGiB = 768, GpuCount = 4, Gpu = L40S,
            OffersMilli = true,
        },
        new()
        {
            Prefix = "t4", Share = 18, NodesPerRack = 16, Machine = "ProLiant-DL380-Gen10", Cores = 48, MemoryGiB = 384, GpuCount = 4, Replicas = 4,
            Gpu = new("Tesla-T4", "turing", 15360, 7, 5, IsMigCapable: false),
        },
        new() { Prefix = "cpu", Share = 20, NodesPerRack = 20, Machine = "PowerEdge-R6625", Cores = 128, MemoryGiB = 512 },
    ];
}
