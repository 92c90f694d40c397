using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Devices;

/// <summary>What is left of one device.</summary>
/// <param name="Milli">Free thousandths; 1000 only where nothing at all is used.</param>
/// <param name="Memory">Free memory in the units of the node's sharing dialect.</param>
/// <param name="TotalMemory">All of its memory in those units; 0 where it is not shared by memory.</param>
/// <param name="CoresPercent">Free hundredths of compute (vGPU).</param>
/// <param name="Tasks">Further containers that may share it (vGPU).</param>
public readonly record struct DeviceRoom(int Milli, int Memory, int TotalMemory, int CoresPercent, int Tasks)
{
    /// <summary>All cores of a device in hundredths.</summary>
    public const int AllCores = 100;

    /// <summary>Whether one device's part of a demand fits. That the node speaks the demand's dialect is for the caller to know.</summary>
    public bool Fits(in GpuDemand demand)
    {
        if (!demand.IsMemoryShare) return Milli >= demand.MilliPerGpu;
        var share = demand.Memory;
        if (TotalMemory == 0 || Memory < share.On(TotalMemory)) return false;
        if (share.Dialect != SharingDialect.VolcanoVgpu) return Memory > 0;

        // Volcano: all cores means exclusive, and no cores means what others leave over, of which there must be something.
        return Tasks >= share.Tasks && CoresPercent >= Math.Max(1, share.CoresPercent)
            && (share.CoresPercent < AllCores || Milli == GpuDemand.WholeMilli);
    }

    /// <summary>How many pods' parts of a demand for a share, none of which is whole, fit one after the other.</summary>
    public int Times(in GpuDemand demand)
    {
        if (!demand.IsMemoryShare) return Milli / demand.MilliPerGpu;
        if (!Fits(demand)) return 0;
        var share = demand.Memory;
        var times = Memory / Math.Max(1, share.On(TotalMemory));
        if (share.Dialect != SharingDialect.VolcanoVgpu) return times;
        return Math.Min(Math.Min(times, Tasks / share.Tasks), share.CoresPercent == 0 ? times : CoresPercent / share.CoresPercent);
    }

    /// <summary>What is left after one device's part of a demand is taken; thousandths and memory are rounded against what is left.</summary>
    public DeviceRoom Less(in GpuDemand demand)
    {
        var milli = MilliOf(demand);
        var isShare = demand.IsMemoryShare && TotalMemory > 0;
        var cores = isShare ? demand.Memory.CoresPercent : (milli + 9) / 10;
        var tasks = isShare ? demand.Memory.Tasks : milli == GpuDemand.WholeMilli ? Tasks : 0;
        return new DeviceRoom(
            Math.Max(0, Milli - milli), Math.Max(0, Memory - MemoryOf(demand)), TotalMemory, Math.Max(0, CoresPercent - cores), Math.Max(0, Tasks - tasks));
    }

    /// <summary>What one device's part of a demand is in memory of this device.</summary>
    public int MemoryOf(in GpuDemand demand) => demand.IsMemoryShare && TotalMemory > 0 ? demand.Memory.On(TotalMemory)
        : (int)((((long)TotalMemory * MilliOf(demand)) + GpuDemand.WholeMilli - 1) / GpuDemand.WholeMilli);

    /// <summary>What one device's part of a demand is in thousandths of this device, 1..1000.</summary>
    public int MilliOf(in GpuDemand demand) =>
        !demand.IsMemoryShare ? demand.MilliPerGpu
        : TotalMemory == 0 ? GpuDemand.WholeMilli
        : (int)Math.Clamp(
            Math.Max((((long)demand.Memory.On(TotalMemory) * GpuDemand.WholeMilli) + TotalMemory - 1) / TotalMemory, demand.Memory.CoresPercent * 10L),
            1, GpuDemand.WholeMilli);
}
