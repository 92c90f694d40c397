using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Devices;

/// <summary>
/// The sums over the pods that hold one device, each in the unit it asked in. Only what is left (<see cref="RoomOn"/>) is converted between
/// units, always against the pod still to come: thousandths and memory on one device can never be given out twice, and neither loses anything
/// to rounding among its own kind.
/// </summary>
internal struct DeviceUse : IEquatable<DeviceUse>
{
    /// <summary>Thousandths; 1000 for every pod that holds the device whole, or asks in units this node does not count in.</summary>
    public long Milli { get; private set; }

    /// <summary>Memory in the node's units.</summary>
    public long Memory { get; private set; }

    /// <summary>Hundredths of compute.</summary>
    public int CoresPercent { get; private set; }

    /// <summary>Containers.</summary>
    public int Tasks { get; private set; }

    /// <summary>Counts a pod in (+1) or out (-1).</summary>
    public void Add(in GpuDemand demand, in DeviceCard card, SharingDialect sharing, int sign)
    {
        if (!demand.IsMemoryShare)
        {
            Milli += sign * demand.MilliPerGpu;
        }
        else if (demand.Memory.Dialect != sharing || card.Memory == 0)
        {
            Milli += sign * GpuDemand.WholeMilli;
        }
        else
        {
            Memory += sign * (long)demand.Memory.On(card.Memory);
            CoresPercent += sign * demand.Memory.CoresPercent;
            Tasks += sign * demand.Memory.Tasks;
        }
    }

    /// <summary>What is left; never negative, nothing of a device that is not healthy.</summary>
    public readonly DeviceRoom RoomOn(in DeviceCard card)
    {
        if (!card.IsHealthy) return new DeviceRoom(0, 0, card.Memory, 0, 0);
        var byMemory = card.Memory == 0 ? 0 : CeilingOf(Memory * GpuDemand.WholeMilli, card.Memory);
        var shared = Math.Max(Math.Max(byMemory, CoresPercent * 10L), Tasks > 0 ? 1 : 0);
        var maxTasks = card.MaxTasks == 0 ? byte.MaxValue : Math.Min(card.MaxTasks, byte.MaxValue);
        return new DeviceRoom(
            Left(GpuDemand.WholeMilli, Milli + shared),
            Left(card.Memory, Memory + CeilingOf(card.Memory * Milli, GpuDemand.WholeMilli)),
            card.Memory,
            Left(DeviceRoom.AllCores, CoresPercent + CeilingOf(Milli, 10)),
            Milli >= GpuDemand.WholeMilli ? 0 : Left(maxTasks, Tasks));
    }

    /// <inheritdoc/>
    public readonly bool Equals(DeviceUse other) =>
        (Milli, Memory, CoresPercent, Tasks) == (other.Milli, other.Memory, other.CoresPercent, other.Tasks);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is DeviceUse other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Milli, Memory, CoresPercent, Tasks);

    private static long CeilingOf(long dividend, long divisor) => (dividend + divisor - 1) / divisor;

    private static int Left(int total, long used) => (int)Math.Clamp(total - used, 0, total);
}
