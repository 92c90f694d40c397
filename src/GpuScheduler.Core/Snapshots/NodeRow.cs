using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Devices;
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
        Utf8Name = Encoding.UTF8.GetBytes(node.Name);
        JsonName = [(byte)'"', .. JsonEncodedText.Encode(node.Name).EncodedUtf8Bytes, (byte)'"'];
    }

    /// <summary>The row number in the snapshot.</summary>
    public int Row { get; }

    /// <summary>The node object.</summary>
    public Node Node { get; }

    /// <summary>Its GPUs, as far as they are known.</summary>
    public NodeDevices Devices { get; }

    /// <summary>The node's name.</summary>
    public string Name => Node.Name;

    /// <summary>The name as UTF-8.</summary>
    public ReadOnlySpan<byte> NameUtf8 => Utf8Name;

    /// <summary>The name as a JSON string, quotes and escapes included: copied as it is into answers.</summary>
    public ReadOnlySpan<byte> NameJson => JsonName;

    internal byte[] Utf8Name { get; }

    internal byte[] JsonName { get; }
}
