using System.Globalization;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Health;

/// <summary>
/// Finds out which GPUs of a node are not to be given out, besides what its inventory says of each: the node annotation
/// <c>gpu-scheduler.io/unhealthy-devices</c> (indices or UUIDs, separated by commas), node conditions, and allocatable below capacity.
/// </summary>
public static class DeviceHealth
{
    /// <summary>The node annotation that names broken GPUs.</summary>
    public const string Annotation = "gpu-scheduler.io/unhealthy-devices";

    /// <summary>
    /// Conditions under which no GPU of a node is given out, as <c>TYPE=STATUS</c>: those that node-problem-detector sets on AKS
    /// (<c>learn.microsoft.com/azure/aks/node-problem-detector</c>) and the one of EKS's node monitoring agent.
    /// </summary>
    public static IReadOnlyList<string> DefaultConditions { get; } = ["GPUMissing=True", "XIDErrors=True", "AcceleratedHardwareReady=False"];

    /// <summary>The first of <paramref name="conditions"/> that the node has; null when it has none.</summary>
    public static string? BadCondition(Node node, IReadOnlyList<string> conditions)
    {
        foreach (var condition in conditions)
        {
            var at = condition.IndexOf('=', StringComparison.Ordinal);
            if (at > 0 && node.Conditions.TryGetValue(condition[..at], out var status) && condition.AsSpan(at + 1).SequenceEqual(status)) return condition;
        }

        return null;
    }

    /// <summary>
    /// Marks what is broken. Where only the number of broken devices is known (allocatable below capacity), the last ones are taken for them:
    /// the first ones are given out first, and the number given out is right in any case.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="devices">Its devices, by index; changed in place.</param>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    /// <param name="conditions">See <see cref="BadCondition"/>.</param>
    internal static void Mark(Node node, IList<GpuDevice> devices, GpuResourceCatalog catalog, IReadOnlyList<string> conditions)
    {
        var isAllBad = BadCondition(node, conditions) is not null;
        var named = node.Annotations.TryGetValue(Annotation, out var text)
            ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        for (var i = 0; i < devices.Count; i++)
        {
            if (isAllBad || Names(named, devices[i])) devices[i] = devices[i] with { IsHealthy = false };
        }

        var missing = DevicePool.MissingOf(node, catalog) - devices.Count(device => !device.IsHealthy);
        for (var i = devices.Count - 1; i >= 0 && missing > 0; i--)
        {
            if (!devices[i].IsHealthy) continue;
            devices[i] = devices[i] with { IsHealthy = false, IsHealthInferred = true };
            missing--;
        }
    }

    private static bool Names(string[] named, GpuDevice device)
    {
        foreach (var name in named)
        {
            var isIndex = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index);
            if (isIndex ? index == device.Index : name == device.Uuid) return true;
        }

        return false;
    }
}
