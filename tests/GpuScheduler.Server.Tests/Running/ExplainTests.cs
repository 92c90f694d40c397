using System.Net;
using System.Text;
using System.Text.Json;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>A small cluster in which every reason can be had, with a pod that holds a secret.</summary>
public sealed class ExplainedService : IAsyncLifetime
{
    private const string Cluster =
        """
        apiVersion: v1
        kind: List
        items:
        - {kind: Node, metadata: {name: h100-07, labels: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3, cloud.google.com/gke-nodepool: big}}, status: {allocatable: {cpu: 64, memory: 512Gi, pods: 110, nvidia.com/gpu: 2}}}
        - {kind: Node, metadata: {name: team-b-01}, spec: {taints: [{key: dedicated, value: team-b, effect: NoSchedule}]}, status: {allocatable: {cpu: 64, memory: 512Gi, pods: 110, nvidia.com/gpu: 2}}}
        - {kind: Node, metadata: {name: cpu-01}, status: {allocatable: {cpu: 64, memory: 512Gi, pods: 110}}}
        - kind: Pod
          metadata: {name: notebook-3, namespace: team-a, annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2}}
          spec: {nodeName: h100-07, containers: [{name: main, env: [{name: PASSWORD, value: hunter2}], resources: {limits: {nvidia.com/gpu: 2}}}]}
        - {kind: Pod, metadata: {name: w1, namespace: team-a}, spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}}]}}
        - {kind: Pod, metadata: {name: w2, namespace: team-b}, spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}}]}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-scheduler-").FullName;

    internal ServerProcess Process { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var file = Path.Combine(_folder, "cluster.yaml");
        await File.WriteAllTextAsync(file, Cluster);
        Process = await ServerProcess.StartAsync("serve", "--cluster", $"file:{file}");
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

public sealed class ExplainTests(ExplainedService service) : IClassFixture<ExplainedService>
{
    private readonly HttpClient _client = service.Process.Client;

    [Theory]
    [InlineData("?continue=", "team-a/notebook-3 team-a/w1 team-b/w2")]
    [InlineData("?state=waiting", "team-a/w1 team-b/w2")]
    [InlineData("?state=placed", "team-a/notebook-3")]
    [InlineData("?namespace=team-a", "team-a/notebook-3 team-a/w1")]
    [InlineData("?node=h100-07", "team-a/notebook-3")]
    [InlineData("?limit=2", "team-a/notebook-3 team-a/w1")]
    [InlineData("?continue=team-a/notebook-3", "team-a/w1 team-b/w2")]
    public async Task Pods_Selected_AreThese(string query, string expected)
    {
        var pods = await GetAsync($"/api/v1/pods{query}");
        Assert.Equal(
            expected,
            string.Join(' ', pods.GetProperty("items").EnumerateArray().Select(pod => $"{Text(pod, "namespace")}/{Text(pod, "name")}").Where(name => name != "team-c/chosen")));
        Assert.Equal(2, pods.GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Pods_Waiting_HaveTheirReasons()
    {
        var pod = (await GetAsync("/api/v1/pods?state=waiting")).GetProperty("items")[0];
        Assert.Equal(0, pod.GetProperty("feasible").GetInt32());
        Assert.Contains(pod.GetProperty("reasons").EnumerateArray(), reason => Text(reason, "reason") == "Insufficient nvidia.com/gpu" && reason.GetProperty("nodes").GetInt32() == 2);
    }

    [Fact]
    public async Task Waiting_PodsThatAskForTheSame_AreOneGroup()
    {
        var group = Assert.Single((await GetAsync("/api/v1/waiting")).GetProperty("groups").EnumerateArray());
        Assert.Equal(2, group.GetProperty("pods").GetInt32());
        Assert.StartsWith("fits on none of 3 nodes: 2 Insufficient nvidia.com/gpu", Text(group, "summary"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_Waiting_IsToldWhatWouldHelp()
    {
        var pod = await GetAsync("/api/v1/pods/team-a/w1");
        Assert.Equal("waiting", Text(pod, "state"));
        Assert.Equal(
            ["fits on h100-07 if team-a/notebook-3 ended", "fits on team-b-01 if the taint dedicated=team-b:NoSchedule were tolerated", "fits on one more node like h100-07 (NVIDIA-H100-80GB-HBM3), empty"],
            pod.GetProperty("wouldFit").EnumerateArray().Select(remedy => Text(remedy, "sentence")));
    }

    [Fact]
    public async Task Pod_Placed_IsToldWhereItIs()
    {
        var pod = await GetAsync("/api/v1/pods/team-a/notebook-3");
        Assert.Equal(("placed", "h100-07"), (Text(pod, "state"), Text(pod, "node")));
        Assert.StartsWith("is on h100-07, GPUs 0, 1", Text(pod, "summary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/pods/team-a/nobody", HttpStatusCode.NotFound, "pod 'team-a/nobody' is not known")]
    [InlineData("/api/v1/pods?limit=0", HttpStatusCode.BadRequest, "limit: '0'")]
    [InlineData("/api/v1/pods?state=asleep", HttpStatusCode.BadRequest, "state: 'asleep' is not one of waiting, placed, assumed")]
    public async Task WrongRequest_IsExplained(string path, HttpStatusCode status, string expected)
    {
        using var response = await _client.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(expected, Text(await ReadAsync(response), "error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{spec: {containers: [{name: m, resources: {limits: {nvidia.com/gpu: 3}}}]}}", "Pod", 1)]
    [InlineData("""{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"m","resources":{"limits":{"nvidia.com/gpu":3}}}]}}""", "Pod", 1)]
    [InlineData("{kind: Deployment, metadata: {name: d}, spec: {replicas: 7, template: {spec: {containers: [{name: m, resources: {limits: {nvidia.com/gpu: 3}}}]}}}}", "Deployment", 7)]
    [InlineData("kind: Service\n---\n{kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {parallelism: 2, template: {spec: {containers: [{name: m, resources: {limits: {nvidia.com/gpu: 3}}}]}}}}}}", "CronJob", 2)]
    public async Task Explain_AnyManifest_IsAnswered(string manifest, string kind, int copies)
    {
        var item = Assert.Single((await ExplainAsync(manifest, HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Equal((kind, copies, 0), (Text(item, "kind"), item.GetProperty("copies").GetInt32(), item.GetProperty("copiesThatFit").GetInt32()));
        Assert.Equal(
            "no node is large enough even when empty: h100-07 would take 2 GPUs, not 3",
            Text(Assert.Single(item.GetProperty("wouldFit").EnumerateArray()), "sentence"));
    }

    [Fact]
    public async Task Explain_PodThatFits_IsShownTheBestNodes()
    {
        var item = (await ExplainAsync("{spec: {containers: [{name: m, resources: {requests: {cpu: 1}}}]}}", HttpStatusCode.OK)).GetProperty("items")[0];
        Assert.Equal("fits on 2 of 3 nodes", Text(item, "summary"));
        Assert.Equal("cpu-01", Text(item.GetProperty("best")[0], "name"));
        Assert.NotEmpty(item.GetProperty("best")[0].GetProperty("terms").EnumerateArray());
    }

    [Theory]
    [InlineData("", "there is no manifest in it")]
    [InlineData("kind: Service", "only Service")]
    [InlineData("{kind: Pod, spec: [", "not valid JSON")]
    [InlineData("kind: Pod\nspec: {containers: [{name: m, resources: {limits: {nvidia.com/gpu: many}}}]}", "Pod unnamed: spec.containers[0]")]
    [InlineData("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]", "too large")]
    public async Task Explain_WrongManifest_IsToldWhy(string manifest, string expected) =>
        Assert.Contains(expected, Text(await ExplainAsync(manifest, HttpStatusCode.BadRequest), "error"), StringComparison.Ordinal);

    [Fact]
    public async Task Snapshot_OfPodsWithSecrets_HoldsNone()
    {
        var snapshot = await _client.GetStringAsync("/api/v1/snapshot");
        Assert.Contains("notebook-3", snapshot, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", snapshot, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_AfterFilterPrioritizeAndBind_AreOneThatSaysWhy()
    {
        const string Pod = """{"metadata":{"namespace":"team-c","name":"chosen","uid":"chosen-1"},"spec":{"containers":[{"name":"m","resources":{"requests":{"cpu":"1"}}}]}}""";
        const string Args = $$"""{"Pod":{{Pod}},"NodeNames":["h100-07","team-b-01","cpu-01"]}""";
        await _client.PostVerbAsync("filter", Args);
        await _client.PostVerbAsync("prioritize", Args);
        await _client.PostVerbAsync("bind", """{"PodNamespace":"team-c","PodName":"chosen","PodUID":"chosen-1","Node":"cpu-01"}""");

        var decision = (await GetAsync("/api/v1/decisions?limit=10")).GetProperty("items").EnumerateArray().Single(item => Text(item, "name") == "chosen");
        Assert.Equal(("cpu-01", "team-c", "ResidualValue"), (Text(decision, "node"), Text(decision, "namespace"), Text(decision, "strategy")));
        Assert.Equal(["filter", "prioritize", "bind"], decision.GetProperty("calls").EnumerateArray().Select(call => Text(call, "verb")));
        Assert.Equal("node(s) had untolerated taint {dedicated: team-b}", Text(Assert.Single(decision.GetProperty("reasons").EnumerateArray()), "reason"));
        Assert.Equal("cpu-01", Text(decision.GetProperty("best")[0], "name"));
        Assert.Equal(["read", "filter", "write"], decision.GetProperty("calls")[0].GetProperty("stages").EnumerateObject().Select(stage => stage.Name));

        var placed = await GetAsync("/api/v1/pods/team-c/chosen");
        Assert.Equal("is on cpu-01; it was the best node then", Text(placed, "summary"));
        Assert.Equal(decision.GetRawText(), placed.GetProperty("decision").GetRawText());
    }

    [Fact]
    public async Task Nodes_InAPool_NameIt()
    {
        var node = (await GetAsync("/api/v1/nodes")).GetProperty("items").EnumerateArray().Single(item => Text(item, "name") == "h100-07");
        Assert.Equal("big", Text(node, "pool"));
    }

    private static string Text(JsonElement value, string field) => value.GetProperty(field).GetString()!;

    private async Task<JsonElement> ExplainAsync(string manifest, HttpStatusCode expected)
    {
        using var content = new StringContent(manifest, Encoding.UTF8, "application/yaml");
        using var response = await _client.PostAsync("/api/v1/explain", content);
        Assert.Equal(expected, response.StatusCode);
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
}
