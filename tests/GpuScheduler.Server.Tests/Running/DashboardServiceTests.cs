using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>What the dashboard is served with.</summary>
public sealed class DashboardServiceTests
{
    [Fact]
    public async Task Root_BrowserOrCurl_GetsAPageOrText()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "5");

        var text = await service.Client.GetStringAsync("/");
        using var ask = new HttpRequestMessage(HttpMethod.Get, "/");
        ask.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var page = await service.Client.SendAsync(ask);
        using var askAgain = new HttpRequestMessage(HttpMethod.Get, "/");
        askAgain.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        askAgain.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using var unchanged = await service.Client.SendAsync(askAgain);
        using var missing = await service.Client.GetAsync("/dashboard/nothing.js");

        Assert.StartsWith("gpu-scheduler", text, StringComparison.Ordinal);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Stream_DemoWorkload_TellsTheClusterAndThenItsChanges()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--demo", "--nodes", "20");
        Assert.Contains("Dashboard: http://127.0.0.1:", service.Greeting, StringComparison.Ordinal);
        using var response = await service.Client.GetAsync("/api/v1/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var seen = new Dictionary<string, JsonElement>();
        while (!seen.ContainsKey("nodes") || !seen.TryGetValue("decisions", out var decisions) || decisions.GetArrayLength() == 0)
        {
            var name = await reader.ReadLineAsync();
            if (name is null || !name.StartsWith("event: ", StringComparison.Ordinal)) continue;
            var data = (await reader.ReadLineAsync())!;
            seen[name["event: ".Length..]] = JsonDocument.Parse(data["data: ".Length..]).RootElement.Clone();
        }

        Assert.Equal(20, seen["cluster"].GetProperty("nodes").GetArrayLength());
        Assert.NotEmpty(seen["nodes"].GetProperty("nodes").EnumerateArray());
        Assert.True(seen["status"].GetProperty("ready").GetBoolean());
        Assert.Contains(seen["decisions"].EnumerateArray(), decision => decision.GetProperty("name").GetString()!.Contains('-', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Terminated_WithAListener_DoesNotWaitForIt()
    {
        await using var service = await ServerProcess.StartAsync("serve", "--nodes", "1", "--set", "server.shutdownTimeout=1h");
        using var response = await service.Client.GetAsync("/api/v1/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(0, await service.TerminateAsync());
        Assert.DoesNotContain("Exception", await service.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_OnALiveCluster_IsRefused()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("serve", "--cluster", "kubernetes", "--demo");

        Assert.Equal(2, exitCode);
        Assert.Contains("made-up pods go on an embedded cluster only", error, StringComparison.Ordinal);
    }
}
