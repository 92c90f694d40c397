using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// How many devices of a node the ledger tells apart. Only whole, unshared GPUs of one vendor are: replicas, the slices of the single MIG
/// strategy and nodes that offer two kinds of whole GPU are counted by resource alone, because nothing says which unit is which device.
/// </summary>
internal static class DevicePool
{
    /// <summary>The devices a node has, those included that its plugin does not offer at the moment.</summary>
    public static int CountOf(Node node, GpuResourceCatalog catalog) =>
        Math.Max(CountOf(node, node.Allocatable, catalog), CountOf(node, node.Capacity, catalog));

    /// <summary>How many of them the plugin does not offer: it holds them for broken, or is not there itself.</summary>
    public static int MissingOf(Node node, GpuResourceCatalog catalog) => CountOf(node, catalog) - CountOf(node, node.Allocatable, catalog);

    private static int CountOf(Node node, IReadOnlyList<ResourceAmount> amounts, GpuResourceCatalog catalog)
    {
        if (node.Gpu.IsShared || node.Gpu.MigProfile.Length > 0) return 0;
        long whole = 0, milli = 0;
        var kinds = 0;
        foreach (var (name, amount) in amounts)
        {
            if (amount <= 0) continue;
            var kind = catalog.KindOf(name);
            if (kind == GpuResourceKind.Milli) milli += amount;
            if (kind != GpuResourceKind.Whole) continue;
            whole = amount;
            kinds++;
        }

        var count = kinds switch
        {
            0 => milli / GpuDemand.WholeMilli,
            1 => whole,
            _ => 0,
        };
        return (int)Math.Min(count, NodePage.MaxDevices);
    }
}
