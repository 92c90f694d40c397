using System.Buffers;
using System.Text.Json;
using GpuScheduler.Core.Resources;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads a map of quantities, each a JSON string or a bare number.</summary>
internal sealed class ResourceListReader(GpuResourceCatalog catalog)
{
    private readonly KnownTexts _names =
        new([ResourceNames.Cpu, ResourceNames.Memory, ResourceNames.Pods, ResourceNames.EphemeralStorage, .. catalog.Names]);

    /// <summary>
    /// Reads the map of the property the reader is on; null when the property is null. With <paramref name="problems"/> a wrong quantity is
    /// left out and told there; without, it is an error.
    /// </summary>
    /// <exception cref="FormatException">It is not a map, or a quantity is wrong.</exception>
    public ResourceList? Read(ref Utf8JsonReader reader, JsonPath path, string field, List<string>? problems = null)
    {
        path.Push(field);
        ResourceList? list = null;
        if (EnterObject(ref reader, path))
        {
            list = new ResourceList();
            while (NextProperty(ref reader))
            {
                var name = _names.Read(ref reader);
                Advance(ref reader);
                if (TryReadQuantity(ref reader, out var quantity, out var problem)) list.Set(name, quantity);
                else if (problems is null) throw new FormatException($"{path.TextOfKey(name)}: {problem}");
                else problems.Add($"{path.TextOfKey(name)}: {problem}");
            }
        }

        path.Pop();
        return list;
    }

    private static bool TryReadQuantity(ref Utf8JsonReader reader, out Quantity quantity, out string? problem)
    {
        quantity = default;
        problem = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String or JsonTokenType.Number:
                var text = reader.HasValueSequence || reader.ValueIsEscaped ? Copy(ref reader) : reader.ValueSpan;
                if (!Quantity.TryParse(text, out quantity, out problem)) return false;
                if (!quantity.IsNegative) return true;
                problem = $"{quantity} is negative";
                return false;
            default:
                problem = $"expected a quantity, found {Describe(reader.TokenType)}";
                Skip(ref reader);
                return false;
        }
    }

    /// <summary>The text of a value that is split between segments or has escapes: rare enough to make an array for it.</summary>
    private static ReadOnlySpan<byte> Copy(ref Utf8JsonReader reader)
    {
        var buffer = new byte[reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length];
        if (reader.TokenType == JsonTokenType.String) return buffer.AsSpan(0, reader.CopyString(buffer));
        reader.ValueSequence.CopyTo(buffer);
        return buffer;
    }
}
