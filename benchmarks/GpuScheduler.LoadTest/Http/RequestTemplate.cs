using System.Globalization;
using System.Text;

namespace GpuScheduler.LoadTest.Http;

/// <summary>
/// The bytes of a request, as Go's transport sends it, with places for the number of the pod: every pod has a name and UID of its own, as
/// in a cluster, and nothing is built while time is measured. The part after the pod, most of the bytes, is shared by all who send it.
/// </summary>
internal sealed class RequestTemplate
{
    /// <summary>Stands in a body where the pod's number goes.</summary>
    public const string NumberMark = "@number@";

    private const int NumberDigits = 8;

    private readonly byte[] _front;
    private readonly int[] _places;
    private readonly string _frontText;

    private RequestTemplate(string path, string frontText, byte[] front, byte[] back, int[] places, AnswerKind kind)
    {
        Path = path;
        _frontText = frontText;
        _front = front;
        Back = back;
        _places = places;
        Kind = kind;
    }

    /// <summary>The path it is sent to.</summary>
    public string Path { get; }

    /// <summary>What its answer must look like.</summary>
    public AnswerKind Kind { get; }

    /// <summary>How long the changing part is.</summary>
    public int FrontLength => _front.Length;

    /// <summary>The part that is always the same.</summary>
    public byte[] Back { get; }

    /// <summary>A POST request.</summary>
    /// <param name="host">Host and port.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="front">Begin of the body, with <see cref="NumberMark"/> where the pod's number goes.</param>
    /// <param name="back">The rest of the body, UTF-8.</param>
    /// <param name="kind">What its answer must look like.</param>
    public static RequestTemplate Post(string host, string path, string front, byte[] back, AnswerKind kind)
    {
        var length = Encoding.UTF8.GetByteCount(front) + back.Length;
        var head = $"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\n"
            + $"Content-Length: {length}\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n";
        var bytes = Encoding.UTF8.GetBytes(head + front);
        var mark = Encoding.UTF8.GetBytes(NumberMark);
        var places = new List<int>();
        for (var at = bytes.AsSpan().IndexOf(mark); at >= 0;)
        {
            places.Add(at);
            var next = bytes.AsSpan(at + mark.Length).IndexOf(mark);
            at = next < 0 ? -1 : at + mark.Length + next;
        }

        return new RequestTemplate(path, front, bytes, back, [.. places], kind);
    }

    /// <summary>The same body sent elsewhere.</summary>
    public RequestTemplate SentTo(string host, string path) => Post(host, path, _frontText, Back, Kind);

    /// <summary>Writes the changing part for a pod; <see cref="FrontLength"/> bytes.</summary>
    public void WriteFront(Span<byte> to, int number)
    {
        _front.CopyTo(to);
        foreach (var place in _places) number.TryFormat(to.Slice(place, NumberDigits), out _, "x8", CultureInfo.InvariantCulture);
    }
}

/// <summary>What an answer must look like to count as one.</summary>
public enum AnswerKind
{
    /// <summary>Any status 200.</summary>
    Any,

    /// <summary>A result with an empty <c>Error</c>, as filter and bind give.</summary>
    EmptyError,

    /// <summary>A list with something in it, as prioritize gives.</summary>
    List,

    /// <summary>A result with an <c>Error</c>: a bind that must be refused.</summary>
    SomeError,
}
