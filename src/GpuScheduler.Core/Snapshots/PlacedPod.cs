using System.Numerics;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Snapshots;

/// <summary>A pod that holds resources of a node in a snapshot. A value, so that the pods of a node are one object and not one each.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="DeviceMask">Bit i is set where it holds device i of the node (<see cref="GpuDemand.MilliPerGpu"/> of it).</param>
/// <param name="IsAssumed">Placed by us, not yet seen bound on the watch.</param>
/// <param name="DevicesInferred">Nothing says which devices it holds; the mask is our conservative guess.</param>
public readonly record struct PlacedPod(Pod Pod, uint DeviceMask, bool IsAssumed, bool DevicesInferred)
{
    /// <summary>The MIG instances that are made for it; empty unless its node makes them as pods need them (<see cref="MigMode.Dynamic"/>).</summary>
    public IReadOnlyList<MigSlot> Mig { get => field ?? []; init; }

    /// <summary>Nothing says where its MIG instances are; <see cref="Mig"/> is our guess.</summary>
    public bool MigInferred { get; init; }

    /// <summary>The device indices in <see cref="DeviceMask"/>, ascending.</summary>
    public IEnumerable<int> Devices
    {
        get
        {
            for (var rest = DeviceMask; rest != 0; rest &= rest - 1) yield return BitOperations.TrailingZeroCount(rest);
        }
    }
}
