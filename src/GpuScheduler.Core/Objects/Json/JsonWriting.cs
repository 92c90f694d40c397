using System.Text.Json;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>The pieces that pods and nodes are written from.</summary>
internal static class JsonWriting
{
    /// <summary>Writes a property unless it is empty.</summary>
    public static void WriteUnlessEmpty(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) writer.WriteString(name, value);
    }

    /// <summary>Writes a map, sorted by key so that files compare; nothing when it is empty.</summary>
    public static void WriteMap(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, string>> map)
    {
        var entries = map.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToArray();
        if (entries.Length == 0) return;
        writer.WriteStartObject(name);
        foreach (var (key, value) in entries) writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    /// <summary>Writes amounts of resources as quantities.</summary>
    public static void WriteAmounts(Utf8JsonWriter writer, string name, ReadOnlySpan<ResourceAmount> amounts)
    {
        writer.WriteStartObject(name);
        foreach (var amount in amounts) WriteAmount(writer, amount);
        writer.WriteEndObject();
    }

    /// <summary>Writes one amount: <c>4</c> or <c>500m</c> of CPU, <c>1024Mi</c> of memory, a plain count of anything else.</summary>
    public static void WriteAmount(Utf8JsonWriter writer, ResourceAmount amount)
    {
        var text = ResourceNames.UnitOf(amount.Name) switch
        {
            ResourceUnit.Milli when amount.Amount % 1000 != 0 => $"{amount.Amount}m",
            ResourceUnit.Milli => $"{amount.Amount / 1000}",
            ResourceUnit.MiB => $"{amount.Amount}Mi",
            _ => $"{amount.Amount}",
        };
        writer.WriteString(amount.Name, text);
    }
}
