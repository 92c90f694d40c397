using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>The writer's account of one node. It exists without a node object while pods are known to be on a node that is not (yet) known.</summary>
internal sealed class NodeEntry(string name)
{
    public string Name { get; } = name;

    public Node? Node { get; set; }

    public int Row { get; set; } = -1;

    /// <summary>Sums over <see cref="Pods"/> by resource slot; wide enough never to overflow.</summary>
    public long[] Requested { get; set; } = [];

    /// <summary>Thousandths used by device; above 1000 where others over-committed it.</summary>
    public int[] DeviceUsedMilli { get; set; } = [];

    /// <summary>Its GPUs in MIG mode.</summary>
    public MigAccount Mig { get; set; } = new(MigNode.None);

    public Dictionary<string, PodEntry> Pods { get; } = [];

    public int PodCount => Pods.Count;

    public PlacedPod[]? PlacedPods => Pods.Count == 0 ? null : [.. Pods.Values.Select(pod => pod.Placed!)];

    /// <summary>Free thousandths by device, as the snapshot shows them.</summary>
    public void FreeMilli(Span<ushort> free)
    {
        for (var device = 0; device < DeviceUsedMilli.Length; device++)
        {
            free[device] = (ushort)Math.Clamp(GpuDemand.WholeMilli - DeviceUsedMilli[device], 0, GpuDemand.WholeMilli);
        }
    }
}
