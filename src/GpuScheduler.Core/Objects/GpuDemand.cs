using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// What a pod asks of the devices that <see cref="Snapshots.NodePage.DeviceFreeMilli"/> tells apart: nothing, so many whole devices, a
/// share of one in thousandths, or a share of some by memory. MIG slices and replicas are counted as plain resources and are
/// <see cref="None"/> here.
/// </summary>
/// <param name="Count">How many devices.</param>
/// <param name="MilliPerGpu">Thousandths taken of each, 1..1000; 1000 is a whole device; 0 for a share by memory.</param>
/// <param name="Memory">What is taken of each where <see cref="IsMemoryShare"/>.</param>
public readonly record struct GpuDemand(int Count, int MilliPerGpu, MemoryShare Memory = default)
{
    /// <summary>One whole device in thousandths.</summary>
    public const int WholeMilli = 1000;

    /// <summary>No device.</summary>
    public static GpuDemand None => default;

    /// <summary>Asks for no device at all.</summary>
    public bool IsNone => Count == 0;

    /// <summary>Asks for whole devices.</summary>
    public bool IsWhole => Count > 0 && MilliPerGpu == WholeMilli;

    /// <summary>Asks for a share of one device in thousandths.</summary>
    public bool IsShare => Count == 1 && MilliPerGpu is > 0 and < WholeMilli;

    /// <summary>Asks for a share of <see cref="Count"/> devices by memory; what it is in thousandths depends on the device.</summary>
    public bool IsMemoryShare => Memory.Dialect != SharingDialect.None;

    /// <summary>Thousandths over all devices; 0 for a share by memory.</summary>
    public int TotalMilli => Count * MilliPerGpu;

    /// <summary><paramref name="count"/> whole devices.</summary>
    public static GpuDemand Whole(int count) => new(count, WholeMilli);

    /// <summary>A share of one device, in thousandths (1..999).</summary>
    public static GpuDemand Share(int milli) => new(1, milli);

    /// <summary>A share by memory of each of <paramref name="count"/> devices.</summary>
    public static GpuDemand OfMemory(int count, MemoryShare share) => new(count, 0, share);
}
