using System.Text.Json;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Writes which nodes a pod accepts into its spec; <see cref="NodeSelectionReader"/> reads an equal selection back.</summary>
internal static class NodeSelectionWriter
{
    /// <summary>Writes <c>nodeSelector</c> and <c>affinity</c>, as far as there is something to say.</summary>
    public static void Write(Utf8JsonWriter writer, NodeSelection selection)
    {
        JsonWriting.WriteMap(writer, "nodeSelector", selection.Labels.ToArray());
        if (selection.Terms.IsEmpty) return;
        writer.WriteStartObject("affinity"u8);
        writer.WriteStartObject("nodeAffinity"u8);
        writer.WriteStartObject("requiredDuringSchedulingIgnoredDuringExecution"u8);
        writer.WriteStartArray("nodeSelectorTerms"u8);
        foreach (var term in selection.Terms)
        {
            writer.WriteStartObject();
            WriteRequirements(writer, "matchExpressions"u8, term, isField: false);
            WriteRequirements(writer, "matchFields"u8, term, isField: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteRequirements(Utf8JsonWriter writer, ReadOnlySpan<byte> list, NodeSelectorTerm term, bool isField)
    {
        writer.WriteStartArray(list);
        foreach (var requirement in term.Requirements)
        {
            if (requirement.IsField != isField) continue;
            writer.WriteStartObject();
            writer.WriteString("key"u8, requirement.Key);
            writer.WriteString("operator"u8, requirement.Operator);
            writer.WriteStartArray("values"u8);
            foreach (var value in requirement.Values) writer.WriteStringValue(value);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
