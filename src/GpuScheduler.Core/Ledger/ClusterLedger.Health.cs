using GpuScheduler.Core.Health;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Ledger;

/// <summary>Broken devices that something besides the node object reports.</summary>
public sealed partial class ClusterLedger
{
    private readonly Dictionary<string, string> _reported = [];

    /// <summary>
    /// Some other object than the node says which of its devices are broken. It counts like the node's own annotation
    /// (<see cref="DeviceHealth.Annotation"/>) and stands beside it in the node that the snapshot shows, so that whatever is worked out from
    /// the nodes knows of it.
    /// </summary>
    /// <param name="nodeName">The node; it need not be known yet.</param>
    /// <param name="devices">Indices or UUIDs separated by commas; empty to withdraw what was reported before.</param>
    public void ReportUnhealthy(string nodeName, string devices)
    {
        if (_reported.GetValueOrDefault(nodeName, "") == devices) return;
        if (devices.Length == 0) _reported.Remove(nodeName);
        else _reported[nodeName] = devices;
        if (!_nodes.TryGetValue(nodeName, out var entry) || entry.Told is not { } told) return;
        entry.Node = WithReport(told);
        WriteNode(entry);
    }

    private Node WithReport(Node node)
    {
        if (!_reported.TryGetValue(node.Name, out var devices)) return node;
        var own = node.Annotations.GetValueOrDefault(DeviceHealth.Annotation, "");
        return node.With(new Dictionary<string, string>(node.Annotations) { [DeviceHealth.Annotation] = own.Length == 0 ? devices : $"{own},{devices}" });
    }
}
