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
