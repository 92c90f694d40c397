using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuScheduler.LoadTest.Scenarios;

namespace GpuScheduler.LoadTest.Http;

/// <summary>
/// One keep-alive HTTP/1.1 connection with blocking reads and writes: a call costs a send and as many receives as its answer takes, and
/// allocates nothing. Connects again when the server closed it. For one thread at a time.
/// </summary>
internal sealed class HttpConnection(IPEndPoint server) : ICaller, IDisposable
{
    private const int ReceiveTimeoutMilliseconds = 60_000;
    private const int FirstBufferBytes = 64 * 1024;
    private const int ShownOfAnswer = 200;

    private readonly ArraySegment<byte>[] _parts = new ArraySegment<byte>[2];
    private byte[] _front = [];
    private byte[] _received = new byte[FirstBufferBytes];
    private Socket? _socket;
    private AnswerHead _head;

    /// <summary>The body of the last answer; good until the next call.</summary>
    public ReadOnlySpan<byte> Answer => _received.AsSpan(_head.HeadBytes, _head.BodyBytes);

    /// <inheritdoc/>
    public string? Call(RequestTemplate request, int number)
    {
        try
        {
            _socket ??= Connect();
            Send(_socket, request, number);
            Receive(_socket);
            if (_head.IsLast) Close();
            return Check(request);
        }
        catch (Exception problem) when (problem is SocketException or InvalidDataException)
        {
            Close();
            return $"{request.Path}: {problem.Message}";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private Socket Connect()
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = ReceiveTimeoutMilliseconds,
        };
        socket.Connect(server);
        return socket;
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void Send(Socket socket, RequestTemplate request, int number)
    {
        if (_front.Length < request.FrontLength) _front = new byte[request.FrontLength * 2];
        request.WriteFront(_front, number);
        _parts[0] = new(_front, 0, request.FrontLength);
        _parts[1] = new(request.Back);
        // A blocking socket sends everything before it returns.
        socket.Send(_parts);
    }

    private void Receive(Socket socket)
    {
        _head = default;
        var length = 0;
        while (true)
        {
            if (length == _received.Length) Array.Resize(ref _received, _received.Length * 2);
            var read = socket.Receive(_received.AsSpan(length));
            if (read == 0) throw new InvalidDataException($"the server closed the connection after {length} bytes of its answer");
            length += read;
            if (_head.HeadBytes == 0 && AnswerHead.TryRead(_received.AsSpan(0, length), out _head))
            {
                var needed = _head.HeadBytes + _head.BodyBytes;
                if (_received.Length < needed) Array.Resize(ref _received, needed);
            }

            if (_head.HeadBytes > 0 && length >= _head.HeadBytes + _head.BodyBytes) break;
        }

        if (length > _head.HeadBytes + _head.BodyBytes) throw new InvalidDataException("the answer is longer than its Content-Length");
    }

    private string? Check(RequestTemplate request)
    {
        var answer = Answer;
        var isRight = _head.Status == 200 && request.Kind switch
        {
            AnswerKind.EmptyError => answer.EndsWith("\"Error\":\"\"}"u8),
            AnswerKind.List => answer.StartsWith("[{"u8) && answer.EndsWith("}]"u8),
            AnswerKind.SomeError => answer.StartsWith("{\"Error\":\""u8) && !answer.EndsWith("\"\"}"u8),
            _ => true,
        };
        return isRight ? null : $"{request.Path}: status {_head.Status}: {Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, ShownOfAnswer)])}";
    }
}
