using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Sources;

/// <summary>Turns YAML documents into JSON values one after the other, as Kubernetes does before it reads them.</summary>
internal static class YamlToJson
{
    /// <summary>Aliases can make a small document stand for a huge one; more JSON than this from less YAML is refused.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Whether the text begins like a JSON object or array.</summary>
    public static bool IsJson(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        text = text.TrimStart(" \t\r\n"u8);
        return text.Length > 0 && text[0] is (byte)'{' or (byte)'[';
    }

    /// <summary>Converts; empty documents are left out.</summary>
    /// <exception cref="FormatException">It is not YAML, it is nested too deep, or its aliases make it too large.</exception>
    public static byte[] Convert(byte[] text)
    {
        YamlStream yaml;
        try
        {
            yaml = PlainYaml.Load(Encoding.UTF8.GetString(text));
        }
        catch (YamlException problem)
        {
            throw new FormatException(
                string.Create(CultureInfo.InvariantCulture, $"line {problem.Start.Line}, column {problem.Start.Column}: not valid YAML: {problem.Message}"),
                problem);
        }

        var output = new ArrayBufferWriter<byte>(Math.Max(1, text.Length));
        foreach (var document in yaml.Documents)
        {
            if (document.RootNode is YamlScalarNode { Value: null or "" }) continue;
            using var json = new Utf8JsonWriter(output);
            Write(json, document.RootNode, 0, Math.Max(MaxBytes, text.Length * 8L));
            json.Flush();
            output.Write("\n"u8);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>The same; null when it cannot be converted.</summary>
    public static byte[]? TryConvert(byte[] text)
    {
        try
        {
            return Convert(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, YamlNode node, int depth, long maxBytes)
    {
        if (json.BytesCommitted + json.BytesPending > maxBytes)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {node.Start.Line}: its aliases make it too large"));
        }

        // An alias may point at a node that holds it.
        if (depth > PlainYaml.MaxDepth) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {node.Start.Line}: nested too deep"));
        switch (node)
        {
            case YamlMappingNode map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    json.WritePropertyName((key as YamlScalarNode)?.Value ?? "");
                    Write(json, value, depth + 1, maxBytes);
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var child in sequence.Children) Write(json, child, depth + 1, maxBytes);
                json.WriteEndArray();
                break;
            default:
                WriteScalar(json, (YamlScalarNode)node);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter json, YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain) json.WriteStringValue(text);
        else if (text is "" or "~" or "null") json.WriteNullValue();
        else if (text is "true" or "false") json.WriteBooleanValue(text == "true");
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && (text[0] is not ('0' or '+') || text.Length == 1)) json.WriteNumberValue(whole);
        else json.WriteStringValue(text);
    }
}
