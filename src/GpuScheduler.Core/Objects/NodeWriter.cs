using System.Text.Json;
using GpuScheduler.Core.Objects.Json;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// Writes a <see cref="Node"/> as a <c>core/v1 Node</c>; <see cref="NodeReader"/> reads an equal node back, without
/// <see cref="Node.Problems"/>, and with <see cref="Node.Gpu"/> as far as the labels tell it.
/// </summary>
public static class NodeWriter
{
    /// <summary>Writes the node as one JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, Node node)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteString("kind"u8, "Node"u8);
        WriteMetadata(writer, node);
        WriteSpec(writer, node);
        WriteStatus(writer, node);
        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, Node node)
    {
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("name"u8, node.Name);
        JsonWriting.WriteUnlessEmpty(writer, "uid", node.Uid);
        JsonWriting.WriteUnlessEmpty(writer, "resourceVersion", node.ResourceVersion);
        JsonWriting.WriteMap(writer, "labels", node.Labels);
        JsonWriting.WriteMap(writer, "annotations", node.Annotations);
        writer.WriteEndObject();
    }

    private static void WriteSpec(Utf8JsonWriter writer, Node node)
    {
        writer.WriteStartObject("spec"u8);
        if (node.IsUnschedulable) writer.WriteBoolean("unschedulable"u8, true);
        if (node.Taints.Count > 0)
        {
            writer.WriteStartArray("taints"u8);
            foreach (var taint in node.Taints)
            {
                writer.WriteStartObject();
                writer.WriteString("key"u8, taint.Key);
                JsonWriting.WriteUnlessEmpty(writer, "value", taint.Value);
                writer.WriteString("effect"u8, taint.Effect);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteStatus(Utf8JsonWriter writer, Node node)
    {
        writer.WriteStartObject("status"u8);
        JsonWriting.WriteAmounts(writer, "allocatable", Sorted(node.Allocatable));
        JsonWriting.WriteAmounts(writer, "capacity", Sorted(node.Capacity));
        if (node.Conditions.Count > 0)
        {
            writer.WriteStartArray("conditions"u8);
            foreach (var (type, status) in node.Conditions.OrderBy(condition => condition.Key, StringComparer.Ordinal))
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, type);
                writer.WriteString("status"u8, status);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>By name, as <see cref="NodeReader"/> brings them, so that files compare.</summary>
    private static ResourceAmount[] Sorted(IReadOnlyList<ResourceAmount> amounts) =>
        [.. amounts.OrderBy(amount => amount.Name, StringComparer.Ordinal)];
}
