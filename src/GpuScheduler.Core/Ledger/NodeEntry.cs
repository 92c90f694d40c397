using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>The writer's account of one node. It exists without a node object while pods are known to be on a node that is not (yet) known.</summary>
internal sealed class NodeEntry(string name, PodSlots slots)
{
    public string Name { get; } = name;

    /// <summary>The node as the snapshot shows it.</summary>
    public Node? Node { get; set; }

    /// <summary>The node as it was told, without what others report of its devices.</summary>
    public Node? Told { get; set; }

    public int Row { get; set; } = -1;

    /// <summary>Sums over <see cref="Pods"/> by resource slot; wide enough never to overflow.</summary>
    public long[] Requested { get; set; } = [];

    /// <summary>Its GPUs.</summary>
    public NodeDevices Devices { get; set; } = NodeDevices.None;

    /// <summary>What <see cref="Pods"/> hold of each device of <see cref="NodeDevices.Cards"/>; more than there is where others over-committed it.</summary>
    public DeviceUse[] Uses { get; set; } = [];

    /// <summary>The highest stamp in the annotations of any pod that is or was on the node (<see cref="Assignment"/>).</summary>
    public long LastStamp { get; set; }

    /// <summary>Pods that use GPUs.</summary>
    public int GpuPods { get; set; }

    /// <summary>Pods that want no other such pod beside them.</summary>
    public int ExclusivePods { get; set; }

    /// <summary>A condition of the node says that none of its GPUs is to be given out.</summary>
    public bool IsUnhealthy { get; set; }

    /// <summary>The id of what the node is kept for; 0 for nothing.</summary>
    public int Reservation { get; set; }

    /// <summary>See <see cref="NodePage.GpuClosed"/>.</summary>
    public int GpuClosed => (ExclusivePods > 0 ? NodePage.ClosedByPod : 0) | (IsUnhealthy ? NodePage.ClosedByCondition : 0)
        | (Reservation > 0 ? NodePage.ClosedByReservation | (Reservation << NodePage.ReservationShift) : 0);

    /// <summary>Its GPUs in MIG mode.</summary>
    public MigAccount Mig { get; set; } = new(MigNode.None);

    public NodePods Pods { get; } = new(slots);

    public int PodCount => Pods.Count;

    /// <summary>Its pods as the snapshot shows them; null for none.</summary>
    public PlacedPod[]? PlacedPods()
    {
        if (Pods.Count == 0) return null;
        var placed = new PlacedPod[Pods.Count];
        var count = 0;
        foreach (var pod in Pods) placed[count++] = pod.Placed;
        return placed;
    }

    /// <summary>What is left of each device, as the snapshot shows it.</summary>
    public ReadOnlySpan<DeviceRoom> Rooms(Span<DeviceRoom> rooms)
    {
        for (var device = 0; device < Uses.Length; device++) rooms[device] = Uses[device].RoomOn(Devices.Cards[device]);
        return rooms[..Uses.Length];
    }

    /// <summary>Counts what a pod holds of the devices in (+1) or out (-1).</summary>
    public void Count(uint deviceMask, in GpuDemand demand, int sign)
    {
        for (var rest = deviceMask; rest != 0; rest &= rest - 1)
        {
            var device = BitOperations.TrailingZeroCount(rest);
            Uses[device].Add(demand, Devices.Cards[device], Devices.Sharing, sign);
        }
    }
}
