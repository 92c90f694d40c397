using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Snapshots;

/// <summary>What the snapshot knows of one node besides its numbers. Immutable; replaced when the node object changes.</summary>
public sealed class NodeRow
{
    internal NodeRow(int row, Node node, NodeDevices devices)
    {
        Row = row;
        Node = node;
        Devices = devices;
        Topology = DeviceTopology.Of(node.Gpu.Model, devices.Cards.Length, devices.Devices);
        Utf8Name = Encoding.UTF8.GetBytes(node.Name);
        JsonName = [(byte)'"', .. JsonEncodedText.Encode(node.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];
    }

    /// <summary>The row number in the snapshot.</summary>
    public int Row { get; }

    /// <summary>The node object.</summary>
    public Node Node { get; }

    /// <summary>Its GPUs, as far as they are known.</summary>
    public NodeDevices Devices { get; }

    /// <summary>Its GPUs in MIG mode, as far as they are known.</summary>
    public MigNode Mig { get; internal init; } = MigNode.None;

    /// <summary>The node's name.</summary>
    public string Name => Node.Name;

    /// <summary>How its GPUs are joined.</summary>
    public DeviceTopology Topology { get; }

    /// <summary>The name as UTF-8.</summary>
    public ReadOnlySpan<byte> NameUtf8 => Utf8Name;

    /// <summary>The name as a JSON string, quotes and escapes included: copied as it is into answers.</summary>
    public ReadOnlySpan<byte> NameJson => JsonName;

    internal byte[] Utf8Name { get; }

    internal byte[] JsonName { get; }
}
