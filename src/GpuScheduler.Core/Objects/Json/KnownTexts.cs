using System.Text;
using System.Text.Json;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Texts that come again and again (resource names, effects): read without making a new string each time. Immutable.</summary>
internal sealed class KnownTexts(params IEnumerable<string> texts)
{
    private readonly (byte[] Utf8, string Text)[] _texts = [.. texts.Select(text => (Encoding.UTF8.GetBytes(text), text))];

    /// <summary>The string or property name that the reader is on.</summary>
    public string Read(ref Utf8JsonReader reader)
    {
        foreach (var (utf8, text) in _texts)
        {
            if (reader.ValueTextEquals(utf8)) return text;
        }

        return reader.GetString()!;
    }
}
