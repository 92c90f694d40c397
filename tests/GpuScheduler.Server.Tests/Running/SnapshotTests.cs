using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>A downloaded state, served again, is the same state.</summary>
public sealed class SnapshotTests : IDisposable
{
    private const string Rack = "example.com/rack";

    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("gpu-scheduler-").FullName, "snapshot.json");

    [Fact]
    public async Task Snapshot_ServedAgain_GivesTheSameAnswersAndTheSameSnapshot()
    {
        await using var first = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "60", "--load", "0.7", "--set", "scoring.strategy=PackGpus");
        var names = await NamesAsync(first);
        foreach (var (name, gpus) in new[] { ("a", 1), ("b", 2), ("c", 4) })
        {
            var manifest = VerbCalls.ManifestOf(MakePod.Named(name).Uid(name).Gpus(gpus).Build());
            var filter = await first.Client.PostVerbAsync("filter", $"{{\"Pod\":{manifest},\"NodeNames\":[{names}]}}");
            foreach (var node in filter.GetProperty("NodeNames").EnumerateArray().Take(1))
            {
                await first.Client.PostVerbAsync("bind", $$"""{"PodName":"{{name}}","PodNamespace":"default","PodUID":"{{name}}","Node":"{{node.GetString()}}"}""");
            }
        }

        // Decided on the very state that is then downloaded, by a scheduler that asks about every node.
        var late = $"{{\"Pod\":{VerbCalls.ManifestOf(MakePod.Named("late").Gpus(1).Cpu("2").Models("NVIDIA-H100*|Tesla-T4").Build())},\"NodeNames\":[{names}]}}";
        await first.Client.PostVerbAsync("filter", late);
        await first.Client.PostVerbAsync("prioritize", late);
        var snapshot = await first.Client.GetStringAsync("/api/v1/snapshot");
        await File.WriteAllTextAsync(_file, snapshot);
        await using var second = await ServerProcess.StartAsync("serve", "--cluster", $"file:{_file}", "--set", "scoring.strategy=PackGpus");

        // What was decided then is answered again the same: reasons, scores and their terms.
        using var decisions = JsonDocument.Parse(await first.Client.GetStringAsync("/api/v1/decisions?limit=1"));
        var decided = decisions.RootElement.GetProperty("items")[0];
        var again = await ExplainAsync(second, MakePod.Named("late").Gpus(1).Cpu("2").Models("NVIDIA-H100*|Tesla-T4").Build());
        Assert.Equal("late", decided.GetProperty("name").GetString());
        Assert.NotEmpty(decided.GetProperty("reasons").EnumerateArray());
        Assert.NotEmpty(decided.GetProperty("best").EnumerateArray());
        Assert.Equal(decided.GetProperty("reasons").GetRawText(), again.GetProperty("reasons").GetRawText());
        Assert.Equal(decided.GetProperty("best").GetRawText(), again.GetProperty("best").GetRawText());

        Assert.Equal(snapshot, await second.Client.GetStringAsync("/api/v1/snapshot"));
        Assert.Equal(names, await NamesAsync(second));
        foreach (var pod in new[] { MakePod.Named("x").Gpus(1), MakePod.Named("y").Gpus(8).Cpu("16"), MakePod.Named("z").GpuMilli(250), MakePod.Named("w").Cpu("4") })
        {
            var body = $"{{\"Pod\":{VerbCalls.ManifestOf(pod.Build())},\"NodeNames\":[{names}]}}";
            foreach (var verb in new[] { "filter", "prioritize" })
            {
                Assert.Equal((await first.Client.PostVerbAsync(verb, body)).GetRawText(), (await second.Client.PostVerbAsync(verb, body)).GetRawText());
            }
        }
    }

    /// <summary>Gangs of each API, of a size that only its PodGroup says, and one that only fits because of where its pods may go.</summary>
    [Fact]
    public async Task Snapshot_GangsByPodGroup_AreTheSameGangsWhenServedAgain()
    {
        await File.WriteAllTextAsync(_file, GangCluster());
        await using var first = await ServerProcess.StartAsync("serve", "--cluster", $"file:{_file}", "--set", $"topology.levels={Rack}");
        var snapshot = await first.Client.GetStringAsync("/api/v1/snapshot");
        var copy = Path.Combine(Path.GetDirectoryName(_file)!, "copy.json");
        await File.WriteAllTextAsync(copy, snapshot);
        await using var second = await ServerProcess.StartAsync("serve", "--cluster", $"file:{copy}", "--set", $"topology.levels={Rack}");

        Assert.Equal(snapshot, await second.Client.GetStringAsync("/api/v1/snapshot"));
        foreach (var (gang, expected) in new[]
        {
            ("cosched", "PodGroup ml/cosched: 2 of its 3 pods exist"), ("volcano", "in example.com/rack=r"), ("native", "in example.com/rack=r"), ("own", "in example.com/rack=r1; own-1 goes to n"),
        })
        {
            var summaries = new List<string>();
            foreach (var service in new[] { first, second })
            {
                using var pod = JsonDocument.Parse(await service.Client.GetStringAsync($"/api/v1/pods/ml/{gang}-1"));
                summaries.Add(pod.RootElement.GetProperty("summary").GetString()!);
            }

            Assert.Contains(expected, summaries[0], StringComparison.Ordinal);
            Assert.Equal(summaries[0], summaries[1]);
        }
    }

    [Fact]
    public async Task Snapshot_InReplay_IsACluster()
    {
        await using (var service = await ServerProcess.StartAsync("serve", "--cluster", "embedded", "--nodes", "10", "--load", "0.3"))
        {
            await File.WriteAllTextAsync(_file, await service.Client.GetStringAsync("/api/v1/snapshot"));
        }

        var (exitCode, output, error) = await ServerProcess.RunAsync("replay", "--cluster", _file, "--add", "cpu=1 gpu=1 x 3");
        Assert.True(exitCode == 0, error);
        Assert.Contains("3", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private static string GangCluster()
    {
        var yaml = new StringBuilder();
        for (var i = 0; i < 10; i++)
        {
            yaml.Append($"{{kind: Node, metadata: {{name: n{i}, labels: {{{Rack}: r{i / 5}}}}}, status: {{allocatable: {{cpu: 64, pods: 110, nvidia.com/gpu: 8}}}}}}\n---\n");
        }

        yaml.Append(
            """
            {kind: PodGroup, apiVersion: scheduling.x-k8s.io/v1alpha1, metadata: {name: cosched, namespace: ml}, spec: {minMember: 3}}
            ---
            kind: PodGroup
            apiVersion: scheduling.volcano.sh/v1beta1
            metadata: {name: volcano, namespace: ml}
            spec: {minMember: 2, networkTopology: {mode: hard, highestTierAllowed: 1}}
            ---
            kind: PodGroup
            apiVersion: scheduling.k8s.io/v1alpha2
            metadata: {name: native, namespace: ml}
            spec: {schedulingPolicy: {gang: {minCount: 2}}, schedulingConstraints: {topology: [{key: example.com/rack}]}}

            """);
        Gang("cosched", "labels: {scheduling.x-k8s.io/pod-group: cosched}", "");
        Gang("volcano", "annotations: {scheduling.k8s.io/group-name: volcano}", "");
        Gang("native", "labels: {}", "schedulingGroup: {podGroupName: native},");
        Gang("own", "labels: {gpu-scheduler.io/gang: own, gpu-scheduler.io/gang-size: '2'}", "nodeSelector: {example.com/rack: r1},");
        return yaml.ToString();

        void Gang(string name, string metadata, string spec)
        {
            for (var i = 0; i < 2; i++)
            {
                yaml.Append($"---\nkind: Pod\nmetadata: {{name: {name}-{i}, namespace: ml, uid: {name}-{i}, {metadata}}}\n");
                yaml.Append($"spec: {{{spec} containers: [{{name: main, resources: {{limits: {{nvidia.com/gpu: 5}}}}}}]}}\n");
            }
        }
    }

    private static async Task<JsonElement> ExplainAsync(ServerProcess service, Pod pod)
    {
        using var response = await service.Client.PostAsync("/api/v1/explain", new StringContent(VerbCalls.ManifestOf(pod)));
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return answer.RootElement.GetProperty("items")[0].Clone();
    }

    private static async Task<string> NamesAsync(ServerProcess service)
    {
        using var nodes = JsonDocument.Parse(await service.Client.GetStringAsync("/api/v1/nodes"));
        return string.Join(',', nodes.RootElement.GetProperty("items").EnumerateArray().Select(node => $"\"{node.GetProperty("name").GetString()}\""));
    }
}
