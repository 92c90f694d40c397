namespace GpuScheduler.Core.Mig;

/// <summary>
/// The GPUs known without a file. Names and counts: NVIDIA MIG User Guide, "Supported MIG Profiles" (R580), and mig-parted v0.15.0
/// <c>deployments/systemd/config-default.yaml</c>. Placements: <c>nvidia-smi mig -lgipp</c> of the A100 in the guide, of the H100 NVL and the
/// RTX PRO 6000 in public write-ups, of the A30 in go-nvml's <c>a30.go</c>. The other 8-slice GPUs have the same shape in NVIDIA's test
/// fixtures and the same maximum counts in the guide; no listing of theirs is published, and none at all for the RTX PRO 5000.
/// </summary>
internal static class BuiltInGeometries
{
    public static IEnumerable<MigGeometryEntry> All =>
    [
        Eight("A100-40GB", 40, ["NVIDIA-A100-*40GB*", "A100-*40GB*", "NVIDIA-A800-*40GB*"], "5", "10", "20", "40"),
        Eight("A100-80GB", 80, ["NVIDIA-A100-*80GB*", "A100-*80GB*", "NVIDIA-A800-*80GB*"], "10", "20", "40", "80"),
        Eight("H100-80GB", 80, ["NVIDIA-H100-*80GB*", "NVIDIA-H100-PCIe", "NVIDIA-H800", "NVIDIA-H800-*80GB*", "NVIDIA-H800-PCIe"], "10", "20", "40", "80"),
        Eight("H100-94GB", 94, ["NVIDIA-H100-NVL", "NVIDIA-H800-NVL"], "12", "24", "47", "94"),
        Eight("H100-96GB", 96, ["NVIDIA-H100-*96GB*", "NVIDIA-GH200-480GB", "NVIDIA-GH200-*96GB*", "NVIDIA-H20", "NVIDIA-PG506-*96*"], "12", "24", "48", "96"),
        Eight("H200-141GB", 141, ["NVIDIA-H200", "NVIDIA-H200-NVL", "NVIDIA-H200-*141GB*"], "18", "35", "71", "141"),
        Eight("GH200-144GB", 144, ["NVIDIA-GH200-144G*"], "18", "36", "72", "144"),
        Eight("B200-180GB", 180, ["NVIDIA-B200*"], "23", "45", "90", "180"),
        // The driver changed its names for the same instances; nodes of both ages run in one cluster.
        Eight("GB200-186GB", 186, ["NVIDIA-GB200*"], "23", "47", "93", "186", olderHalf: "95", olderWhole: "189"),
        Eight("B300-269GB", 269, ["NVIDIA-B300*"], "34", "67", "135", "269"),
        Eight("GB300-278GB", 278, ["NVIDIA-GB300*"], "35", "70", "139", "278"),
        new("A30-24GB", ["NVIDIA-A30", "A30"], 24,
        [
            new("1g.6gb", [0, 1, 2, 3], 1, 4),
            new("1g.6gb+me", [0, 1, 2, 3], 1, 1),
            new("2g.12gb", [0, 2], 2, 2),
            new("2g.12gb+me", [0, 2], 2, 1),
            new("4g.24gb", [0], 4, 1),
        ]),
        new("RTX-PRO-6000-96GB", ["NVIDIA-RTX-PRO-6000-Blackwell*"], 96,
        [
            new("1g.24gb", [0, 3, 6, 9], 3, 4),
            new("1g.24gb+me", [0, 3, 6, 9], 3, 1),
            new("1g.24gb+gfx", [0, 3, 6, 9], 3, 4),
            new("1g.24gb+me.all", [0, 3, 6, 9], 3, 1),
            new("1g.24gb-me", [0, 3, 6, 9], 3, 4),
            new("2g.48gb", [0, 6], 6, 2),
            new("2g.48gb+gfx", [0, 6], 6, 2),
            new("2g.48gb+me.all", [0, 6], 6, 1),
            new("2g.48gb-me", [0, 6], 6, 2),
            new("4g.96gb", [0], 12, 1),
            new("4g.96gb+gfx", [0], 12, 1),
        ]),
        new("RTX-PRO-5000-48GB", ["NVIDIA-RTX-PRO-5000-Blackwell*"], 48,
        [
            new("1g.12gb", [], 0, 1),
            new("1g.12gb-me", [], 0, 3),
            new("1g.12gb+me", [], 0, 1),
            new("1g.12gb+gfx", [], 0, 1),
            new("2g.24gb-me", [], 0, 1),
            new("4g.48gb", [], 0, 1),
            new("4g.48gb+gfx", [], 0, 1),
        ]),
    ];

    /// <summary>The grid of 8 memory and 7 compute slices: an eighth, a quarter, a half and the whole of the memory, in the driver's rounding.</summary>
    private static MigGeometryEntry Eight(
        string name, int memoryGb, string[] models, string eighth, string quarter, string half, string whole, string? olderHalf = null, string? olderWhole = null) =>
        new(name, models, memoryGb,
        [
            new($"1g.{eighth}gb", [0, 1, 2, 3, 4, 5, 6], 1, 7),
            new($"1g.{eighth}gb+me", [0, 1, 2, 3, 4, 5, 6], 1, 1),
            new($"1g.{quarter}gb", [0, 2, 4, 6], 2, 4),
            new($"2g.{quarter}gb", [0, 2, 4], 2, 3),
            new($"3g.{half}gb", [0, 4], 4, 2) { Aliases = olderHalf is null ? [] : [$"3g.{olderHalf}gb"] },
            new($"4g.{half}gb", [0], 4, 1) { Aliases = olderHalf is null ? [] : [$"4g.{olderHalf}gb"] },
            new($"7g.{whole}gb", [0], 8, 1) { Aliases = olderWhole is null ? [] : [$"7g.{olderWhole}gb"] },
        ]);
}
