using System.Numerics;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// Chooses devices of a node for a pod: whole GPUs take the lowest free indices, a share takes the fullest device it still fits on
/// (best fit), so that empty devices stay empty.
/// </summary>
public static class DeviceChoice
{
    /// <summary>The devices to take as a bit mask; 0 when the demand does not fit.</summary>
    /// <param name="freeMilli">Free thousandths by device.</param>
    /// <param name="demand">What is asked.</param>
    public static uint BestFit(ReadOnlySpan<ushort> freeMilli, GpuDemand demand)
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
    internal static uint Guess(ReadOnlySpan<ushort> freeMilli, GpuDemand demand)
    {
        var fit = BestFit(freeMilli, demand);
        if (fit != 0) return fit;
        var count = Math.Min(demand.Count, freeMilli.Length);
        while (BitOperations.PopCount(fit) < count)
        {
            var emptiest = -1;
            for (var device = 0; device < freeMilli.Length; device++)
            {
                if ((fit >> device & 1) == 0 && (emptiest < 0 || freeMilli[device] > freeMilli[emptiest])) emptiest = device;
            }

            fit |= 1u << emptiest;
        }

        return fit;
    }
}
