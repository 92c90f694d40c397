using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>What the service refuses, over real sockets.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Reads_MoreThanTheLimit_Are429_AndVerbsAndHealthNever()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "5", "--set", "server.readsPerSecond=5");

        var reads = await SendAsync(60, () => service.Client.GetAsync("/api/v1/nodes"));
        var refused = reads.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.InRange(refused.Count, 1, 50);
        Assert.Equal(60, refused.Count + reads.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal("1", refused[0].Headers.RetryAfter!.ToString());
        Assert.Contains("server.readsPerSecond", await refused[0].Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var verbs = await SendAsync(60, () => service.Client.PostAsync("/scheduler/filter", Json("""{"Pod":{"metadata":{"name":"p"}},"NodeNames":[]}""")));
        var health = await SendAsync(60, () => service.Client.GetAsync("/readyz"));
        Assert.All(verbs.Concat(health), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Fact]
    public async Task Headers_TooManyOrTooLong_Are431AndTheLogSaysWhich()
    {
        await using var service = await ServerProcess.StartAsync(
            "serve", "--cluster", "embedded", "--nodes", "5", "--set", "server.maxHeaders=20", "--set", "server.maxHeaderKiB=4");
        var many = string.Concat(Enumerable.Range(0, 21).Select(i => $"X-{i}: secret\r\n"));

        Assert.StartsWith("HTTP/1.1 431 ", await RawAsync(service, $"GET /livez HTTP/1.1\r\nHost: h\r\n{many}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", await RawAsync(service, $"GET /livez HTTP/1.1\r\nHost: h\r\nX: {new string('s', 5000)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await RawAsync(service, "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

        await service.TerminateAsync();
        var log = await service.Errors;
        Assert.Contains("A request was answered 431: more than 20 headers (server.maxHeaders) or more than 4 KiB of them (server.maxHeaderKiB)", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_TooLong_IsRefusedInWords()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "5", "--set", "server.maxBodyMiB=2");
        using var body = new ByteArrayContent(new byte[(1024 * 1024) + 1]);

        using var explain = await service.Client.PostAsync("/api/v1/explain", body);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, explain.StatusCode);
        Assert.Contains("longer than 1 MiB", await explain.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // kube-scheduler reads the Error of a 200 alone.
        using var filter = await service.Client.PostAsync("/scheduler/filter", Json(new string(' ', (2 * 1024 * 1024) + 1)));
        Assert.Equal(HttpStatusCode.OK, filter.StatusCode);
        Assert.Contains("longer than 2097152 bytes", await filter.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Explain_BodyBeyondTheServersLimit_IsSentWholeAndRefusedInWords(bool chunked)
    {
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "5", "--set", "server.maxBodyMiB=1");
        var body = new string(' ', 8 * 1024 * 1024);
        var (length, sent) = chunked ? ("Transfer-Encoding: chunked", $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n") : ($"Content-Length: {body.Length}", body);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Urls[0].Port);

        // As the simplest of clients: it reads nothing until all is written. A second request shows that the connection lives on.
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/explain HTTP/1.1\r\nHost: h\r\n{length}\r\n\r\n{sent}"));
        await client.GetStream().WriteAsync("GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(client.GetStream());
        var answers = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 413 ", answers, StringComparison.Ordinal);
        Assert.Contains("longer than 1 MiB", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 ", answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/explain", "wrong", 401, "is not accepted")]
    [InlineData("/metrics", "right", 405, "/metrics takes GET, not POST")]
    [InlineData("/nowhere", "right", 404, "there is no /nowhere; GET / lists what there is")]
    public async Task Refused_BodyBeyondTheServersLimit_IsSentWholeAndAnsweredInWords(string path, string token, int status, string expected)
    {
        var tokens = Path.GetTempFileName();
        await File.WriteAllTextAsync(tokens, "right\n");
        await using var service = await ServerProcess.StartAsync(
            "serve", "--cluster", "embedded", "--nodes", "5", "--set", "server.maxBodyMiB=1", "--set", $"access.tokenFile={tokens}");
        var body = new string(' ', 8 * 1024 * 1024);

        var answer = await RawAsync(
            service, $"POST {path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(expected, answer, StringComparison.Ordinal);
        File.Delete(tokens);
    }

    [Fact]
    public async Task Health_AskedByHead_IsAnswered()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "1");
        using var request = new HttpRequestMessage(HttpMethod.Head, "/readyz");
        using var answer = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Connections_OfTheApiPort_LeaveRoomForTheVerbs()
    {
        await using var service = await ServerProcess.StartAsync(
            "serve", "--cluster", "embedded", "--nodes", "5", "--urls", "http://127.0.0.1:0", "--set", "server.apiUrls=http://127.0.0.1:0",
            "--set", "server.maxConnections=8");
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, service.Urls[1].Port);
                idle.Add(client);
            }

            // A connection too many is closed without an answer.
            await Assert.ThrowsAsync<IOException>(async () => await idle[^1].GetStream().ReadExactlyAsync(new byte[1]));
            using var verbs = await service.Client.GetAsync(new Uri(service.Urls[0], "/livez"));
            Assert.Equal(HttpStatusCode.OK, verbs.StatusCode);
        }
        finally
        {
            foreach (var client in idle) client.Dispose();
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static Task<HttpResponseMessage[]> SendAsync(int count, Func<Task<HttpResponseMessage>> send) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => send()));

    private static async Task<string> RawAsync(ServerProcess service, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Urls[0].Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
