using System.Buffers;
using System.Text;
using System.Text.Json;

namespace GpuScheduler.Extender.Wire;

/// <summary>A request body that is not what the verb takes; the message names the byte offset and what stands there.</summary>
internal sealed class MalformedRequestException : Exception
{
    private const int TokenBytes = 24;

    private static readonly SearchValues<byte> TokenEnds = SearchValues.Create(" \t\r\n,:]}"u8);

    public MalformedRequestException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>Something else stands at <paramref name="offset"/> than should.</summary>
    public static MalformedRequestException At(ReadOnlySpan<byte> body, int offset, string problem) =>
        new($"malformed request at byte offset {offset}, {TokenAt(body, offset)}: {problem}");

    /// <summary>The body is not JSON.</summary>
    public static MalformedRequestException NotJson(ReadOnlySpan<byte> body, JsonException cause)
    {
        var offset = OffsetOf(body, cause);
        var message = cause.Message;
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return new($"malformed request at byte offset {offset}, {TokenAt(body, offset)}: {(position < 0 ? message : message[..position])}", cause);
    }

    /// <summary>The reader counts lines and bytes in them; bodies are mostly one line.</summary>
    private static int OffsetOf(ReadOnlySpan<byte> body, JsonException cause)
    {
        if (cause.BytePositionInLine is not { } inLine) return body.Length;
        var lineStart = 0;
        for (var line = cause.LineNumber ?? 0; line > 0; line--)
        {
            var next = body[lineStart..].IndexOf((byte)'\n');
            if (next < 0) break;
            lineStart += next + 1;
        }

        return (int)Math.Min(body.Length, lineStart + inLine);
    }

    private static string TokenAt(ReadOnlySpan<byte> body, int offset)
    {
        if (offset >= body.Length) return "the end of the body";
        var token = body.Slice(offset, Math.Min(TokenBytes, body.Length - offset));
        var end = token[1..].IndexOfAny(TokenEnds);
        return $"'{Encoding.UTF8.GetString(end < 0 ? token : token[..(end + 1)])}'";
    }
}
