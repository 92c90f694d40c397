using GpuScheduler.Core.Health;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Devices;

/// <summary>
/// The GPUs of a node: which they are, and which of them pods are given one by one. Identity comes from the best source there is:
/// <see cref="NodeDeviceAnnotation"/>, then the register annotation of Volcano's vGPU plugin, then labels and allocatable, which describe all
/// GPUs at once (such devices are marked <see cref="GpuDevice.IsInferred"/>). Immutable.
/// </summary>
public sealed class NodeDevices
{
    private const int UnitsOfMiBAtLeast = 1024;

    private readonly DeviceCard[] _cards;

    private NodeDevices(SharingDialect sharing, int memoryUnitMiB, DeviceCard[] cards, IReadOnlyList<GpuDevice> devices)
    {
        (Sharing, MemoryUnitMiB, _cards, Devices) = (sharing, memoryUnitMiB, cards, devices);
    }

    /// <summary>A node without GPUs.</summary>
    public static NodeDevices None { get; } = new(SharingDialect.None, 1, [], []);

    /// <summary>How its GPUs are shared.</summary>
    public SharingDialect Sharing { get; }

    /// <summary>
    /// MiB in one unit of device memory: 1, or 1024 where the plugin counts GiB. No GPU has less than 1 GiB or as much as 1 TiB, so a device
    /// of fewer than 1024 units is counted in GiB.
    /// </summary>
    public int MemoryUnitMiB { get; }

    /// <summary>
    /// Every GPU we know of, by index. Where pods are given devices one by one, the first <see cref="NodePage.GpuCount"/> of them are those.
    /// </summary>
    public IReadOnlyList<GpuDevice> Devices { get; }

    /// <summary>What can be given out of each device that is told apart, by index.</summary>
    internal ReadOnlySpan<DeviceCard> Cards => _cards;

    /// <summary>The index of the device of that UUID; -1 when none has it.</summary>
    public int IndexOf(string uuid)
    {
        foreach (var device in Devices)
        {
            if (device.Uuid == uuid && uuid.Length > 0) return device.Index;
        }

        return -1;
    }

    /// <summary>Whether the same devices can be given out in the same units: then what pods hold of them stays as it is.</summary>
    internal bool CountsLike(NodeDevices other) => Sharing == other.Sharing && _cards.AsSpan().SequenceEqual(other._cards);

    /// <summary>Reads a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    /// <param name="unhealthyConditions">See <see cref="DeviceHealth.BadCondition"/>; null for the usual ones.</param>
    public static NodeDevices Of(Node node, GpuResourceCatalog catalog, IReadOnlyList<string>? unhealthyConditions = null)
    {
        var dialect = SharingDialects.OfNode(node);
        var offer = dialect?.ReadNode(node) ?? default;
        var told = NodeDeviceAnnotation.Read(node.Annotations);
        var known = told is null || offer.Devices is null ? told ?? offer.Devices : Merge(told, offer.Devices);
        var count = Math.Max(DevicePool.CountOf(node, catalog), offer.Count);
        if (count > 0 && known is not null) count = Math.Max(count, known[^1].Index + 1);
        count = Math.Min(count, NodePage.MaxDevices);
        var sharing = dialect?.Kind ?? (node.Gpu.IsShared ? SharingDialect.Replicas : SharingDialect.None);
        if (count == 0 && known is null && sharing == SharingDialect.None) return None;

        var unit = offer.MemoryPerDevice is > 0 and < UnitsOfMiBAtLeast ? UnitsOfMiBAtLeast : 1;
        var devices = Identify(node, known, count, offer, unit);
        DeviceHealth.Mark(node, devices, catalog, unhealthyConditions ?? DeviceHealth.DefaultConditions);
        var cards = new DeviceCard[count];
        for (var i = 0; i < count; i++)
        {
            var device = devices[i];
            var own = device.IsInferred ? 0 : device.MemoryMiB / unit;
            var memory = i >= offer.Count ? 0 : own > 0 ? own : offer.MemoryPerDevice;
            cards[i] = new DeviceCard(memory, device.MaxTasks, device.IsHealthy);
        }

        return new NodeDevices(sharing, unit, cards, devices);
    }

    /// <summary>What the operator says, completed by what the plugin says of the device of the same index.</summary>
    private static List<GpuDevice> Merge(IReadOnlyList<GpuDevice> told, IReadOnlyList<GpuDevice> registered) =>
    [
        .. told.Select(device => registered.FirstOrDefault(candidate => candidate.Index == device.Index) is { } other
            ? device with
            {
                Uuid = device.Uuid.Length > 0 ? device.Uuid : other.Uuid,
                Model = device.Model.Length > 0 ? device.Model : other.Model,
                MemoryMiB = device.MemoryMiB > 0 ? device.MemoryMiB : other.MemoryMiB,
                MaxTasks = other.MaxTasks,
                IsHealthy = device.IsHealthy && other.IsHealthy,
            }
            : device).Concat(registered.ExceptBy(told.Select(device => device.Index), device => device.Index)).OrderBy(device => device.Index),
    ];

    private static List<GpuDevice> Identify(Node node, IReadOnlyList<GpuDevice>? known, int count, SharedOffer offer, int unit)
    {
        var devices = new List<GpuDevice>();
        foreach (var device in known ?? [])
        {
            // A gap in the indices is filled, so that a device is found at its index.
            while (devices.Count < device.Index && devices.Count < NodePage.MaxDevices) devices.Add(Infer(devices.Count));
            devices.Add(offer.Unhealthy?.Contains(device.Index) == true ? device with { IsHealthy = false } : device);
        }

        while (devices.Count < count) devices.Add(Infer(devices.Count));
        return devices;

        GpuDevice Infer(int index) => new(index)
        {
            Model = node.Gpu.Model,
            MemoryMiB = node.Gpu.MemoryMiB > 0 ? node.Gpu.MemoryMiB : offer.MemoryPerDevice * unit,
            IsHealthy = offer.Unhealthy?.Contains(index) != true,
            IsInferred = true,
        };
    }
}
