using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuScheduler.Server.Cli;

/// <summary>Writes answers for programs.</summary>
internal static class Answer
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The answer as JSON or YAML.</summary>
    public static string Write<T>(T value, JsonTypeInfo<T> type, OutputFormat format)
    {
        using var document = JsonSerializer.SerializeToDocument(value, type);
        if (format == OutputFormat.Json)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, Format)) document.WriteTo(writer);
            return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
        }

        var text = new StringBuilder();
        WriteYaml(text, document.RootElement, "", isInline: false);
        return text.ToString();
    }

    private static void WriteYaml(StringBuilder text, JsonElement value, string indent, bool isInline)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                var isFirst = isInline;
                foreach (var field in value.EnumerateObject())
                {
                    text.Append(isFirst ? "" : indent).Append(Quote(field.Name)).Append(':');
                    isFirst = false;
                    Child(field.Value, indent + "  ");
                }

                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(indent).Append("- ");
                    if (IsNested(item)) WriteYaml(text, item, indent + "  ", isInline: item.ValueKind == JsonValueKind.Object);
                    else text.Append(Scalar(item)).Append('\n');
                }

                break;
            default:
                text.Append(Scalar(value)).Append('\n');
                break;
        }

        void Child(JsonElement child, string childIndent)
        {
            if (IsNested(child))
            {
                text.Append('\n');
                WriteYaml(text, child, childIndent, isInline: false);
            }
            else
            {
                text.Append(' ').Append(Scalar(child)).Append('\n');
            }
        }
    }

    private static bool IsNested(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any()) || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0);

    private static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Quote(value.GetString()!),
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        _ => value.GetRawText(),
    };

    /// <summary>Plain where YAML reads a plain word back as the same text, else as JSON writes it, which is YAML too.</summary>
    private static string Quote(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/')
        && text.ToUpperInvariant() is not ("TRUE" or "FALSE" or "NULL" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N")
            ? text : $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
