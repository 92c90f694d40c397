using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>One embedded cluster for the tests that only look, or bind pods of their own.</summary>
public sealed class EmbeddedService : IAsyncLifetime
{
    internal ServerProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "200");

    public async Task DisposeAsync() => await Process.DisposeAsync();
}

public sealed partial class ServiceTests(EmbeddedService service) : IClassFixture<EmbeddedService>
{
    private readonly HttpClient _client = service.Process.Client;

    [Fact]
    public void Greeting_OfAnEmbeddedCluster_SaysSo()
    {
        Assert.Contains("Cluster: embedded cluster (seed 1), 200 nodes", service.Process.Greeting, StringComparison.Ordinal);
        Assert.Contains($"Listening on {_client.BaseAddress!.ToString().TrimEnd('/')}\n", service.Process.Greeting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CurlLines_OfTheGreeting_Work()
    {
        var calls = CurlLine().Matches(service.Process.Greeting);
        Assert.Equal(5, calls.Count);
        var answers = new Dictionary<string, JsonElement>();
        foreach (Match call in calls)
        {
            var url = new Uri(call.Groups["url"].Value);
            var body = call.Groups["body"].Value;
            using var response = body.Length == 0 ? await _client.GetAsync(url) : await _client.PostAsync(url, new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            answers.Add(url.Segments[^1], await ReadAsync(response));
        }

        Assert.Equal("", answers["filter"].GetProperty("Error").GetString());
        Assert.NotEmpty(answers["filter"].GetProperty("NodeNames").EnumerateArray());
        Assert.NotEmpty(answers["filter"].GetProperty("FailedAndUnresolvableNodes").EnumerateObject());
        Assert.Contains(answers["prioritize"].EnumerateArray(), score => score.GetProperty("Score").GetInt32() == 10);
        Assert.Equal("", answers["bind"].GetProperty("Error").GetString());
        var node = answers.Single(answer => answer.Key is not ("filter" or "prioritize" or "bind" or "explain")).Value;
        Assert.NotEmpty(answers["explain"].GetProperty("items")[0].GetProperty("wouldFit").EnumerateArray());
        Assert.Equal("demo", Assert.Single(node.GetProperty("pods").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Preempt_OfOneVictim_NamesIt()
    {
        var node = (await GetAsync("/api/v1/nodes")).GetProperty("items").EnumerateArray().Last(item => item.GetProperty("gpus").GetInt32() == 8);
        var name = node.GetProperty("name").GetString();
        await PlaceAsync(name!, "low", 8);
        var answer = await PostAsync("preempt", $$$$"""{"Pod":{{{{Pod("high", 8, priority: 100)}}}},"NodeNameToMetaVictims":{"{{{{name}}}}":{"Pods":[{"UID":"low"}],"NumPDBViolations":0}}}""");
        var victims = answer.GetProperty("NodeNameToMetaVictims").GetProperty(name!).GetProperty("Pods");
        Assert.Equal("low", Assert.Single(victims.EnumerateArray()).GetProperty("UID").GetString());
    }

    [Fact]
    public async Task Bind_NodeThatDoesNotTakeThePod_SpeaksOfThatNode()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """
            {"kind":"Node","metadata":{"name":"n1"},"spec":{"unschedulable":true},"status":{"allocatable":{"cpu":"8","pods":"110"}}}
            {"kind":"Pod","metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{"containers":[{"name":"c"}]}}
            """);
        await using var small = await ServerProcess.StartAsync("--cluster", $"file:{file}");

        var answer = await small.Client.PostVerbAsync("bind", """{"PodName":"p","PodNamespace":"default","PodUID":"u","Node":"n1"}""");

        Assert.Equal("node n1: was unschedulable", answer.GetProperty("Error").GetString());
        File.Delete(file);
    }

    [Fact]
    public async Task Bind_OfAnUnknownPod_SaysWhatToDo()
    {
        var answer = await PostAsync("bind", """{"PodNamespace":"default","PodName":"never-seen","PodUID":"never-seen","Node":"h100-a01-n01"}""");
        Assert.Contains("never-seen", answer.GetProperty("Error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/livez", "ok\n")]
    [InlineData("/readyz", "ok\n")]
    public async Task Health_OfAReadyService_IsOk(string path, string expected) => Assert.Equal(expected, await _client.GetStringAsync(path));

    [Fact]
    public async Task Runtime_AfterABind_CountsFromTheStart()
    {
        var before = await GetAsync("/api/v1/runtime");
        Assert.Equal(
            ["gen0Collections", "gen1Collections", "gen2Collections", "gcPauseMilliseconds", "maxGen2PauseMilliseconds", "allocatedBytes", "snapshotGeneration", "snapshotAgeMilliseconds"],
            before.EnumerateObject().Select(field => field.Name));
        var name = (await GetAsync("/api/v1/nodes")).GetProperty("items").EnumerateArray().First(item => item.GetProperty("gpus").GetInt32() == 8).GetProperty("name").GetString()!;
        await PlaceAsync(name, "counted", 1);
        var after = await GetAsync("/api/v1/runtime");
        Assert.All(before.EnumerateObject().Where(field => field.Name != "snapshotAgeMilliseconds"), field =>
            Assert.InRange(field.Value.GetDouble(), 0, after.GetProperty(field.Name).GetDouble()));
        Assert.InRange(before.GetProperty("snapshotGeneration").GetInt64(), 1, after.GetProperty("snapshotGeneration").GetInt64() - 1);
        Assert.InRange(before.GetProperty("allocatedBytes").GetInt64(), 1, after.GetProperty("allocatedBytes").GetInt64() - 1);
        Assert.True(after.GetProperty("snapshotAgeMilliseconds").GetDouble() >= 0);
    }

    [Fact]
    public async Task Version_SaysWhatRuns()
    {
        var version = await GetAsync("/version");
        Assert.Matches(@"^\d+\.\d+\.\d+", version.GetProperty("version").GetString());
        Assert.StartsWith(".NET 10", version.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.True(version.GetProperty("simdBits").GetInt32() % 128 == 0);
    }

    [Fact]
    public async Task Landing_NamesTheVerbs() => Assert.Contains("POST /scheduler/filter", await _client.GetStringAsync("/"), StringComparison.Ordinal);

    [Fact]
    public async Task Nodes_ByPages_AreAllNodesOnce()
    {
        var names = new List<string>();
        var next = "";
        do
        {
            var page = await GetAsync($"/api/v1/nodes?limit=70{next}");
            Assert.Equal(200, page.GetProperty("nodeCount").GetInt32());
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            next = page.TryGetProperty("continue", out var token) ? $"&continue={token.GetString()}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(200, names.Count);
        Assert.Equal(200, names.Distinct().Count());
    }

    [Theory]
    [InlineData("/api/v1/nodes?limit=no", HttpStatusCode.BadRequest, "limit: 'no'")]
    [InlineData("/api/v1/nodes?continue=no", HttpStatusCode.BadRequest, "continue: 'no'")]
    [InlineData("/api/v1/nodes/nowhere", HttpStatusCode.NotFound, "node 'nowhere' is not in the snapshot")]
    public async Task Nodes_WrongRequest_IsExplained(string path, HttpStatusCode status, string expected)
    {
        using var response = await _client.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(expected, (await ReadAsync(response)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_AfterABind_ShowsThePodOnItsDevices()
    {
        var name = (await GetAsync("/api/v1/nodes")).GetProperty("items").EnumerateArray().First(item => item.GetProperty("gpus").GetInt32() == 4).GetProperty("name").GetString()!;
        await PlaceAsync(name, "two-gpus", 2);
        var node = await GetAsync($"/api/v1/nodes/{name}");
        var pod = Assert.Single(node.GetProperty("pods").EnumerateArray(), pod => pod.GetProperty("name").GetString() == "two-gpus");
        var held = pod.GetProperty("devices").EnumerateArray().Select(device => device.GetInt32()).ToList();
        Assert.Equal(2, held.Count);
        foreach (var device in node.GetProperty("devices").EnumerateArray())
        {
            var isHeld = held.Contains(device.GetProperty("index").GetInt32());
            Assert.Equal(isHeld, device.GetProperty("pods").EnumerateArray().Any(user => user.GetString() == "default/two-gpus"));
            if (isHeld) Assert.Equal(0, device.GetProperty("freeMilli").GetInt32());
        }
    }

    private static string Pod(string name, int gpus, int priority = 0) =>
        $$$$"""{"metadata":{"namespace":"default","name":"{{{{name}}}}","uid":"{{{{name}}}}"},"spec":{"priority":{{{{priority}}}},"containers":[{"name":"main","resources":{"limits":{"nvidia.com/gpu":"{{{{gpus}}}}"}}}]}}""";

    private async Task PlaceAsync(string node, string pod, int gpus)
    {
        var filtered = await PostAsync("filter", $$$"""{"Pod":{{{Pod(pod, gpus)}}},"NodeNames":["{{{node}}}"]}""");
        Assert.Equal(node, Assert.Single(filtered.GetProperty("NodeNames").EnumerateArray()).GetString());
        var bound = await PostAsync("bind", $$"""{"PodNamespace":"default","PodName":"{{pod}}","PodUID":"{{pod}}","Node":"{{node}}"}""");
        Assert.Equal("", bound.GetProperty("Error").GetString());
    }

    private async Task<JsonElement> PostAsync(string verb, string body)
    {
        using var response = await _client.PostAsync($"/scheduler/{verb}", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ReadAsync(response);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ReadAsync(response);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    [GeneratedRegex("^curl -s (-H '[^']*' )?(?<url>http\\S+)( -d '(?<body>[^']*)')?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CurlLine();
}
