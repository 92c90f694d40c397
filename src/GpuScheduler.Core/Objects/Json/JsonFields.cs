using System.Text;
using System.Text.Json;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>
/// The steps of reading a Kubernetes object off a <see cref="Utf8JsonReader"/>. As for Go's decoder, <c>null</c> is the same as an absent
/// field, unknown fields are skipped, and the case of field names does not matter (that of map keys does).
/// All of them throw <see cref="JsonException"/> where the text ends early.
/// </summary>
internal static class JsonFields
{
    /// <summary>Reads the next token.</summary>
    public static void Advance(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) throw EndsEarly();
    }

    /// <summary>Skips the value of the property, or the object or array, that the reader is on.</summary>
    public static void Skip(ref Utf8JsonReader reader)
    {
        if (!reader.TrySkip()) throw EndsEarly();
    }

    /// <summary>Steps to the next property of an object; false at its end.</summary>
    public static bool NextProperty(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Steps to the next element of an array; false at its end.</summary>
    public static bool NextElement(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        return reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Whether the property the reader is on has this name, in any case.</summary>
    public static bool NameIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.HasValueSequence || reader.ValueIsEscaped
            ? reader.ValueTextEquals(name)
            : reader.ValueSpan.Length == name.Length && Ascii.EqualsIgnoreCase(reader.ValueSpan, name);

    /// <summary>Steps from a property name into its object; false when it is null.</summary>
    public static bool EnterObject(ref Utf8JsonReader reader, JsonPath path)
    {
        Advance(ref reader);
        return IsObject(ref reader, path);
    }

    /// <summary>Whether the reader is at the start of an object (true) or on a null (false).</summary>
    /// <exception cref="FormatException">It is on anything else.</exception>
    public static bool IsObject(ref Utf8JsonReader reader, JsonPath path) => reader.TokenType switch
    {
        JsonTokenType.StartObject => true,
        JsonTokenType.Null => false,
        _ => throw path.Error($"expected an object, found {Describe(reader.TokenType)}"),
    };

    /// <summary>Steps from a property name into its array; false when it is null.</summary>
    public static bool EnterArray(ref Utf8JsonReader reader, JsonPath path)
    {
        Advance(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.StartArray => true,
            JsonTokenType.Null => false,
            _ => throw path.Error($"expected an array, found {Describe(reader.TokenType)}"),
        };
    }

    /// <summary>Reads the string of the property the reader is on; empty for null. A known text comes back as the one known instance.</summary>
    public static string ReadString(ref Utf8JsonReader reader, JsonPath path, string field, KnownTexts? known = null)
    {
        Advance(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.String => known is null ? reader.GetString()! : known.Read(ref reader),
            JsonTokenType.Null => "",
            _ => throw path.ErrorIn(field, $"expected a string, found {Describe(reader.TokenType)}"),
        };
    }

    /// <summary>Reads the flag of the property the reader is on; false for null.</summary>
    public static bool ReadBoolean(ref Utf8JsonReader reader, JsonPath path, string field)
    {
        Advance(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            _ => throw path.ErrorIn(field, $"expected true or false, found {Describe(reader.TokenType)}"),
        };
    }

    /// <summary>Reads the 32-bit number of the property the reader is on; 0 for null.</summary>
    public static int ReadInt32(ref Utf8JsonReader reader, JsonPath path, string field)
    {
        Advance(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.Null => 0,
            JsonTokenType.Number when reader.TryGetInt32(out var number) => number,
            _ => throw path.ErrorIn(field, "expected a whole number of 32 bits"),
        };
    }

    /// <summary>Reads the RFC 3339 time of the property the reader is on; null for null.</summary>
    public static DateTimeOffset? ReadTime(ref Utf8JsonReader reader, JsonPath path, string field)
    {
        Advance(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String when reader.TryGetDateTimeOffset(out var time) => time,
            _ => throw path.ErrorIn(field, "expected a time such as 2026-11-20T23:39:06Z"),
        };
    }

    /// <summary>What a token is called in an error.</summary>
    public static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => "the end",
    };

    private static JsonException EndsEarly() => new("the JSON ends inside an object");
}
