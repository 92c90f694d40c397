using System.Globalization;
using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Writing habits shared by our own object codecs.</summary>
internal static class JsonWrite
{
    /// <summary>apimachinery's MicroTime layout (<c>pkg/apis/meta/v1/micro_time.go</c>): always UTC, always six digits.</summary>
    public static string MicroTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes the member unless the text is null or empty.</summary>
    public static void OptionalString(this Utf8JsonWriter writer, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.WriteString(name, text);
        }
    }

    /// <summary>Writes the member unless there is no time.</summary>
    public static void OptionalMicroTime(this Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            writer.WriteString(name, MicroTime(value));
        }
    }

    /// <summary>Writes the member unless the map is empty.</summary>
    public static void OptionalStringMap(this Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> map)
    {
        if (map.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the member as an array of strings.</summary>
    public static void StringList(this Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    /// <summary>Writes the members of <c>metadata</c> that are known.</summary>
    public static void MetaMembers(this Utf8JsonWriter writer, ObjectMeta meta)
    {
        writer.OptionalString("name", meta.Name);
        writer.OptionalString("namespace", meta.Namespace);
        writer.OptionalString("uid", meta.Uid);
        writer.OptionalString("resourceVersion", meta.ResourceVersion);
    }
}
