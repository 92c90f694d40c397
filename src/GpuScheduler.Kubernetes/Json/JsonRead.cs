using System.Globalization;
using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Reading habits shared by our own object codecs. All are entered on a value and left on its last token.</summary>
internal static class JsonRead
{
    /// <summary>A string, or null for JSON null.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static string? String(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw new FormatException($"expected a string, found {reader.TokenType}"),
    };

    /// <summary>A 32-bit integer, or null for JSON null.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static int? Int32(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt32(out var value) => value,
        JsonTokenType.Null => null,
        _ => throw new FormatException($"expected a 32-bit integer, found {reader.TokenType}"),
    };

    /// <summary>An RFC 3339 time (apimachinery's Time or MicroTime), or null for JSON null.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static DateTimeOffset? Time(ref Utf8JsonReader reader)
    {
        if (String(ref reader) is not { } text)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value)
            ? value
            : throw new FormatException($"not a time: '{text}'");
    }

    /// <summary>An object whose values are strings; empty for JSON null.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static IReadOnlyDictionary<string, string> StringMap(ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!EnterObject(ref reader))
        {
            return map;
        }

        while (NextMember(ref reader))
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = String(ref reader) ?? "";
        }

        return map;
    }

    /// <summary>An array of strings; empty for JSON null.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static IReadOnlyList<string> StringList(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return [];
        if (reader.TokenType != JsonTokenType.StartArray) throw new FormatException($"expected an array, found {reader.TokenType}");
        var list = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(String(ref reader) ?? "");
        return list;
    }

    /// <summary>False for JSON null, true on an object.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static bool EnterObject(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => true,
        JsonTokenType.Null => false,
        _ => throw new FormatException($"expected an object, found {reader.TokenType}"),
    };

    /// <summary>Moves to the next property name of the object entered, or to its end (false).</summary>
    public static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves onto the value of the property just named and leaves it out.</summary>
    public static void SkipMember(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
