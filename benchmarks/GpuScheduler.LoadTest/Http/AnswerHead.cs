using System.Buffers.Text;
using System.Text;

namespace GpuScheduler.LoadTest.Http;

/// <summary>The head of an HTTP/1.1 answer, as far as framing needs it.</summary>
/// <param name="Status">The status code.</param>
/// <param name="HeadBytes">Length of the head, its empty line included.</param>
/// <param name="BodyBytes">Length of the body.</param>
/// <param name="IsLast">The server closes the connection afterwards.</param>
internal readonly record struct AnswerHead(int Status, int HeadBytes, int BodyBytes, bool IsLast)
{
    private const int StatusAt = 9;

    /// <summary>Reads the head at the begin of what has come in so far.</summary>
    /// <returns>False when its end has not come in yet.</returns>
    /// <exception cref="InvalidDataException">It is not an HTTP/1.1 answer, or does not tell the length of its body.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AnswerHead head)
    {
        head = default;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        var lines = bytes[..end];
        var first = NextLine(ref lines);
        if (!first.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(first[StatusAt..], out int status, out _))
        {
            throw new InvalidDataException($"not an HTTP/1.1 answer: '{Encoding.UTF8.GetString(first)}'");
        }

        var length = -1;
        var isLast = false;
        while (lines.Length > 0)
        {
            var line = NextLine(ref lines);
            if (ValueOf(line, "content-length"u8) is { Length: > 0 } digits && Utf8Parser.TryParse(digits, out int parsed, out _)) length = parsed;
            if (Ascii.EqualsIgnoreCase(ValueOf(line, "connection"u8), "close"u8)) isLast = true;
        }

        if (length < 0) throw new InvalidDataException($"answer {status} has no Content-Length");
        head = new AnswerHead(status, end + 4, length, isLast);
        return true;
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf("\r\n"u8);
        var line = end < 0 ? lines : lines[..end];
        lines = end < 0 ? [] : lines[(end + 2)..];
        return line;
    }

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        var colon = line.IndexOf((byte)':');
        return colon == name.Length && Ascii.EqualsIgnoreCase(line[..colon], name) ? line[(colon + 1)..].Trim((byte)' ') : [];
    }
}
