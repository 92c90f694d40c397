using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>The kind and name of an object, wherever among its fields they stand; empty where they cannot be read.</summary>
internal readonly record struct ObjectHeader(string Kind, string Name)
{
    private static readonly KnownTexts Kinds = new("Node", "Pod", "List", "NodeList", "PodList");

    /// <summary>Looks ahead from the start of an object: the reader is a copy, the caller's stays where it is.</summary>
    /// <exception cref="JsonException">The text is not JSON, or it ends too early.</exception>
    public static ObjectHeader Peek(Utf8JsonReader reader)
    {
        string kind = "", name = "", inNamespace = "";
        if (reader.TokenType != JsonTokenType.StartObject) return new ObjectHeader("", "");
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "kind"u8)) kind = ReadText(ref reader);
            else if (NameIs(ref reader, "metadata"u8)) (inNamespace, name) = ReadName(ref reader);
            else Skip(ref reader);
        }

        return new ObjectHeader(kind, inNamespace.Length > 0 ? $"{inNamespace}/{name}" : name);
    }

    private static (string Namespace, string Name) ReadName(ref Utf8JsonReader reader)
    {
        string name = "", inNamespace = "";
        Advance(ref reader);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Skip(ref reader);
            return ("", "");
        }

        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "name"u8)) name = ReadText(ref reader);
            else if (NameIs(ref reader, "namespace"u8)) inNamespace = ReadText(ref reader);
            else Skip(ref reader);
        }

        return (inNamespace, name);
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        if (reader.TokenType == JsonTokenType.String) return Kinds.Read(ref reader);
        Skip(ref reader);
        return "";
    }
}
