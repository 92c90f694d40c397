namespace GpuScheduler.Core.Constraints;

/// <summary>
/// How the GPUs of a node are joined, by model: what is known of the systems they are sold in. NVSwitch boards (HGX, DGX-2, the trays of NVL72)
/// join all with all; DGX-1 is two fully joined quads with best pairs (go-gpuallocator <c>gpuallocator/staticdgx_policies.go</c>); PCIe cards with
/// a bridge come in pairs, taken to be neighbours. Two processor sockets have half of the GPUs each. Any other card stands alone. The node
/// annotation <c>gpu-scheduler.io/node-devices</c> knows better.
/// </summary>
internal static class LinkTable
{
    private static readonly string[] Switched =
        ["A100-SXM", "A800-SXM", "H100-SXM", "H100-80GB-HBM3", "H800-SXM", "H20", "H200", "B200", "B300", "GB200", "GB300", "V100-SXM3"];

    private static readonly string[] Bridged = ["A100-PCI", "A800-PCI", "H100-PCI", "H800-PCI", "H100-NVL", "H200-NVL"];

    /// <summary>
    /// Groups of joined GPUs as bit masks, the tiers of smaller groups first; a pod's GPUs are joined when they are all in one group of the
    /// first tier whose groups are large enough.
    /// </summary>
    public static uint[][] TiersOf(string model, int count)
    {
        if (count == 0) return [];
        if (IsAny(model, Bridged)) return [Runs(count, 2)];
        if (IsAny(model, Switched)) return [Runs(count, count)];
        if (IsCubeMesh(model, count)) return [Runs(count, 4), Runs(count, 8)];
        return IsAny(model, ["V100-SXM2", "P100-SXM2"]) && count <= 4 ? [Runs(count, count)] : [Runs(count, 1)];
    }

    /// <summary>Pairs with more links between them than other pairs have; pods of few GPUs are given these first.</summary>
    public static uint[] PairsOf(string model, int count) =>
        IsAny(model, Bridged) ? Runs(count, 2)
        : !IsCubeMesh(model, count) ? []
        : model.Contains("P100", StringComparison.OrdinalIgnoreCase) ? [0b0000_0101, 0b0000_1010, 0b0101_0000, 0b1010_0000]
        : [0b0000_1001, 0b0000_0110, 0b1001_0000, 0b0110_0000];

    /// <summary>The GPUs of each processor socket. Only where a node has as many GPUs as two sockets share by rule: 4 on an NVL72 tray, 8 or 16.</summary>
    public static uint[] NumaNodesOf(string model, int count) =>
        count is 8 or 16 || (count == 4 && IsAny(model, ["GB200", "GB300"])) ? Runs(count, count / 2) : Runs(count, 1);

    /// <summary>Masks of <paramref name="length"/> neighbours each.</summary>
    private static uint[] Runs(int count, int length) =>
        [.. Enumerable.Range(0, (count + length - 1) / length).Select(run => Mask(Math.Min(length, count - (run * length))) << (run * length))];

    private static uint Mask(int bits) => bits >= 32 ? uint.MaxValue : (1u << bits) - 1;

    private static bool IsCubeMesh(string model, int count) => count == 8 && IsAny(model, ["V100-SXM2", "P100-SXM2"]);

    private static bool IsAny(string model, ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (model.Contains(part, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
