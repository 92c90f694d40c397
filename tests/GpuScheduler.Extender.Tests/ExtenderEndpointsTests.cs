using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class ExtenderEndpointsTests : IAsyncLifetime
{
    private static readonly Pod OneGpu = MakePod.Named("p").Gpus(1).Cpu("1").Build();

    private readonly ExtenderHarness _harness = new ExtenderHarness(new ExtenderOptions { MaxBodyBytes = 200_000 })
        .With(MakeNode.Named("n").Gpus(1).Cpu("8").Build());

    private ExtenderServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await ExtenderServer.StartAsync(_harness.Verbs);
        _client = _server.Client;
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Post_Filter_AnswersWithLengthAndJson()
    {
        using var response = await PostAsync("/scheduler/filter", RequestBody.Args(OneGpu, "n"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.Equal(Encoding.UTF8.GetByteCount(answer), response.Content.Headers.ContentLength);
        Assert.Null(response.Headers.TransferEncodingChunked);
        Assert.Equal(["n"], FilterAnswer.Parse(answer).Offered);
    }

    [Fact]
    public async Task Post_EveryVerb_IsAnswered()
    {
        foreach (var (verb, body) in new[]
        {
            ("prioritize", RequestBody.Args(OneGpu, "n")), ("preempt", RequestBody.MetaVictims(OneGpu)), ("bind", RequestBody.Bind(OneGpu, "n")),
        })
        {
            using var response = await PostAsync($"/scheduler/{verb}", body);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Single(_harness.Binder.Requests);
    }

    [Fact]
    public async Task Post_ChunkedBodyOverTheKestrelSegmentSize_IsReadWhole()
    {
        using var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(RequestBody.Args(OneGpu, Enumerable.Range(0, 6000).Select(i => $"node-{i}").Append("n")))));
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scheduler/filter") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _client.SendAsync(request);
        var answer = FilterAnswer.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(["n"], answer.Offered);
        Assert.Equal(6000, answer.Unresolvable.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_TooLongABody_IsAnErrorThatKubeSchedulerSees(bool chunked)
    {
        using var content = new StringContent(RequestBody.Args(OneGpu, new string('n', 250_000)), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scheduler/filter") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("longer than 200000 bytes", FilterAnswer.Parse(await response.Content.ReadAsStringAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_TwoRequests_ShareOneConnectionAlsoAfterAnError()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _client.BaseAddress!.Port);
        var stream = socket.GetStream();
        foreach (var body in new[] { "{", RequestBody.Args(OneGpu, "n"), RequestBody.Args(OneGpu, "n") })
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var head = $"POST /scheduler/filter HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\n\r\n";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(head));
            await stream.WriteAsync(bytes);
            var answer = await ReadAnswerAsync(stream);
            Assert.StartsWith("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("GET", "/scheduler/filter", "application/json", HttpStatusCode.MethodNotAllowed, "takes POST, not GET")]
    [InlineData("POST", "/scheduler/score", "application/json", HttpStatusCode.NotFound, "filter, prioritize, preempt and bind")]
    [InlineData("POST", "/scheduler/filter", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "Content-Type: application/json")]
    public async Task Request_ThatIsNotAVerb_SaysWhatIsWrong(string method, string path, string contentType, HttpStatusCode status, string expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST") request.Content = new StringContent("{}", Encoding.UTF8, contentType);
        using var response = await _client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(expected, (await response.Content.ReadAsStringAsync()).Replace("\\u0027", "'"), StringComparison.Ordinal);
        Assert.Equal(status == HttpStatusCode.MethodNotAllowed, response.Content.Headers.Allow.Contains("POST"));
    }

    private static async Task<string> ReadAnswerAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var read = await stream.ReadAsync(buffer);
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            var whole = text.ToString();
            var head = whole.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) continue;
            var length = int.Parse(whole.Split('\n').First(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))["Content-Length: ".Length..]);
            if (whole.Length >= head + 4 + length) return whole;
        }
    }

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
}
