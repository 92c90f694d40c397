using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// Chooses devices of a node for a pod: whole GPUs take the lowest free indices, a share takes the fullest device it still fits on
/// (best fit, the lowest index of equals, as gpushare does), so that empty devices stay empty.
/// </summary>
public static class DeviceChoice
{
    /// <summary>The devices of a row to take as a bit mask; 0 when the demand does not fit.</summary>
    public static uint BestFit(NodePage page, int rowInPage, in GpuDemand demand)
    {
        if (!demand.IsMemoryShare) return BestFit(page.DeviceFreeMilli(rowInPage), demand);
        if (page.Sharing[rowInPage] != (int)demand.Memory.Dialect) return 0;
        Span<DeviceRoom> rooms = stackalloc DeviceRoom[NodePage.MaxDevices];
        var count = page.DeviceFreeMilli(rowInPage).Length;
        for (var device = 0; device < count; device++) rooms[device] = page.Room(rowInPage, device);
        return BestFit(rooms[..count], demand);
    }

    /// <summary>Whether a row has the devices a demand needs: <see cref="BestFit(NodePage, int, in GpuDemand)"/> would find some.</summary>
    public static bool Fits(NodePage page, int rowInPage, in GpuDemand demand)
    {
        var count = page.DeviceFreeMilli(rowInPage).Length;
        var fitting = 0;
        for (var device = 0; device < count; device++)
        {
            if (page.Room(rowInPage, device).Fits(demand)) fitting++;
        }

        return fitting >= demand.Count && (!demand.IsMemoryShare || page.Sharing[rowInPage] == (int)demand.Memory.Dialect);
    }

    /// <summary>The devices to take as a bit mask; 0 when the demand, which is not by memory, does not fit.</summary>
    /// <param name="freeMilli">Free thousandths by device.</param>
    /// <param name="demand">What is asked.</param>
    public static uint BestFit(ReadOnlySpan<ushort> freeMilli, in GpuDemand demand)
    {
        if (demand.IsShare)
        {
            var best = -1;
            for (var device = 0; device < freeMilli.Length; device++)
            {
                if (freeMilli[device] >= demand.MilliPerGpu && (best < 0 || freeMilli[device] < freeMilli[best])) best = device;
            }

            return best < 0 ? 0 : 1u << best;
        }

        uint mask = 0;
        for (var device = 0; device < freeMilli.Length && BitOperations.PopCount(mask) < demand.Count; device++)
        {
            if (freeMilli[device] == GpuDemand.WholeMilli) mask |= 1u << device;
        }

        return BitOperations.PopCount(mask) == demand.Count ? mask : 0;
    }

    /// <summary>
    /// What a pod that is already on the node, and says nothing of its devices, most likely holds: the best fit, else the emptiest devices.
    /// Never fewer devices than it asked for, so the guess can only make a node look fuller than it is.
    /// </summary>
    internal static uint Guess(ReadOnlySpan<DeviceRoom> rooms, in GpuDemand demand)
    {
        var fit = BestFit(rooms, demand);
        if (fit != 0) return fit;
        var count = Math.Min(demand.Count, rooms.Length);
        while (BitOperations.PopCount(fit) < count)
        {
            var emptiest = -1;
            for (var device = 0; device < rooms.Length; device++)
            {
                if ((fit >> device & 1) == 0 && (emptiest < 0 || rooms[device].Milli > rooms[emptiest].Milli)) emptiest = device;
            }

            fit |= 1u << emptiest;
        }

        return fit;
    }

    /// <summary>Of the devices that fit, the fullest ones: by memory for a share by memory, else by thousandths.</summary>
    private static uint BestFit(ReadOnlySpan<DeviceRoom> rooms, in GpuDemand demand)
    {
        uint mask = 0;
        for (var taken = 0; taken < demand.Count; taken++)
        {
            var best = -1;
            for (var device = 0; device < rooms.Length; device++)
            {
                if ((mask >> device & 1) != 0 || !rooms[device].Fits(demand)) continue;
                if (best < 0 || IsFuller(rooms[device], rooms[best], demand.IsMemoryShare)) best = device;
            }

            if (best < 0) return 0;
            mask |= 1u << best;
        }

        return mask;

        static bool IsFuller(in DeviceRoom left, in DeviceRoom right, bool byMemory) =>
            byMemory ? left.Memory < right.Memory : left.Milli < right.Milli;
    }
}
