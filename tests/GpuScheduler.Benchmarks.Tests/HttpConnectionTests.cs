using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class HttpConnectionTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HttpConnectionTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Call_AnswerInPieces_PutTogether()
    {
        using var connection = new HttpConnection((IPEndPoint)_listener.LocalEndpoint);
        var serving = ServeAsync("HTTP/1.1 200 OK\r\nContent-Le", "ngth: 27\r\n\r\n{\"NodeNames\":[],", "\"Error\":\"", "\"}");

        var problem = await Task.Run(() => connection.Call(Request("{}", AnswerKind.Any), 1));
        await serving;

        Assert.Equal((string?)null, problem);
        Assert.Equal("""{"NodeNames":[],"Error":""}""", Encoding.UTF8.GetString(connection.Answer));
    }

    [Fact]
    public async Task Call_ManyMegabytes_ReadWhole()
    {
        var big = new string('x', 3_000_000);
        using var connection = new HttpConnection((IPEndPoint)_listener.LocalEndpoint);
        var serving = ServeAsync($"HTTP/1.1 200 OK\r\nContent-Length: {big.Length}\r\n\r\n{big}");

        var problem = await Task.Run(() => connection.Call(Request("{}", AnswerKind.Any), 1));
        await serving;

        Assert.Equal((string?)null, problem);
        Assert.Equal(big.Length, connection.Answer.Length);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}", AnswerKind.Any)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"Error\":\"so full\"}", AnswerKind.EmptyError)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", AnswerKind.List)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"Error\":\"\"}", AnswerKind.SomeError)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", AnswerKind.Any)]
    public async Task Call_WrongAnswer_ToldAsProblem(string answer, AnswerKind kind)
    {
        using var connection = new HttpConnection((IPEndPoint)_listener.LocalEndpoint);
        var serving = ServeAsync(answer);

        var problem = await Task.Run(() => connection.Call(Request("{}", kind), 1));
        await serving;

        Assert.StartsWith("/scheduler/filter: ", problem);
    }

    [Fact]
    public async Task Call_ServerClosedTheConnection_NextCallConnectsAgain()
    {
        using var connection = new HttpConnection((IPEndPoint)_listener.LocalEndpoint);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var serving = ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
            Assert.Null(await Task.Run(() => connection.Call(Request("{}", AnswerKind.Any), 1)));
            await serving;
        }
    }

    [Fact]
    public async Task Call_BodyWithPlaces_NumberWrittenIntoEach()
    {
        using var connection = new HttpConnection((IPEndPoint)_listener.LocalEndpoint);
        var serving = ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");

        await Task.Run(() => connection.Call(Request($$"""{"name":"{{RequestTemplate.NumberMark}}","uid":"u-{{RequestTemplate.NumberMark}}"}""", AnswerKind.Any), 255));

        var sent = await serving;
        Assert.EndsWith("""{"name":"000000ff","uid":"u-000000ff"} and more""", sent);
        Assert.Contains($"Content-Length: {sent.Length - sent.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4}\r\n", sent);
    }

    private static RequestTemplate Request(string front, AnswerKind kind) =>
        RequestTemplate.Post("localhost:1", "/scheduler/filter", front, " and more"u8.ToArray(), kind);

    /// <summary>Takes one connection, reads one request, answers in the pieces given, and closes; the request.</summary>
    private async Task<string> ServeAsync(params string[] pieces)
    {
        using var client = await _listener.AcceptSocketAsync();
        client.NoDelay = true;
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().EndsWith(" and more", StringComparison.Ordinal))
        {
            request.Append(Encoding.UTF8.GetString(buffer, 0, await client.ReceiveAsync(buffer)));
        }

        foreach (var piece in pieces) await client.SendAsync(Encoding.UTF8.GetBytes(piece));
        return request.ToString();
    }
}
