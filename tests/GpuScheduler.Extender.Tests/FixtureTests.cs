using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Extender.Tests;

/// <summary>Bodies recorded from a real kube-scheduler 1.36, in the order they came, each pod placed where the recording put it.</summary>
public sealed class FixtureTests
{
    private const string ReplicaNode = "t4-shared";

    private static readonly PodReader Pods = new(GpuResourceCatalog.Default);

    /// <summary>Where the recorded pods went, by mode: told by which nodes kube-scheduler still offers later, and by its proposals of victims.</summary>
    private static readonly Dictionary<string, (string Pod, string Node)[]> Placements = new()
    {
        ["node-names"] =
        [
            ("whole-1", "h100-a"), ("whole-8", "h100-b"), ("mig-1g", "a100-mig"), ("mig-2x3g", "a100-mig"), ("gpushare-3", "gpushare-1"),
            ("volcano-8g", "volcano-1"), ("cpu-only", "cpu-1"), ("multi-container", "h100-a"), ("fill-0", "h100-a"), ("fill-1", "t4-shared"),
        ],
        ["full-nodes"] =
        [
            ("whole-1", "h100-b"), ("whole-8", "h100-a"), ("mig-1g", "a100-mig"), ("mig-2x3g", "a100-mig"), ("gpushare-3", "gpushare-1"),
            ("volcano-8g", "volcano-1"), ("cpu-only", "cpu-1"), ("multi-container", "h100-b"), ("fill-0", "h100-b"), ("fill-1", "t4-shared"),
        ],
    };

    [SkippableTheory]
    [InlineData("node-names")]
    [InlineData("full-nodes")]
    public void Filter_RecordedBodies_OffersWhatKubeSchedulerFoundFeasible(string mode)
    {
        Replay(mode, (harness, verb, body, pod) =>
        {
            if (verb != ExtenderVerb.Filter) return;
            var answer = harness.Filter(body);
            var asked = JsonNode.Parse(body)!;
            Assert.Equal("", answer.Error);
            Assert.Empty(answer.Failed);

            // kube-scheduler takes the replicas of one time-sliced T4 for several GPUs; we do not.
            Assert.All(answer.Unresolvable, refused => Assert.Equal((ReplicaNode, true), (refused.Key, pod.Shape.Gpu.Count > 1)));
            if (mode == "node-names")
            {
                Assert.Equal(asked["NodeNames"]!.AsArray().Select(name => (string)name!).Where(name => !answer.Unresolvable.ContainsKey(name)).Order(), answer.Offered.Order());
                Assert.Null(answer.Nodes);
            }
            else
            {
                Assert.Null(answer.NodeNames);
                Assert.Equal(
                    asked["Nodes"]!["items"]!.AsArray().Where(node => !answer.Unresolvable.ContainsKey((string)node!["metadata"]!["name"]!)).Select(node => node!.ToJsonString()),
                    answer.Nodes!["items"]!.AsArray().Select(node => node!.ToJsonString()));
            }
        });
    }

    [SkippableTheory]
    [InlineData("node-names")]
    [InlineData("full-nodes")]
    public void Prioritize_RecordedBodies_SparesGpus(string mode)
    {
        var all = new Dictionary<string, Dictionary<string, int>>();
        Replay(mode, (harness, verb, body, pod) =>
        {
            if (verb != ExtenderVerb.Prioritize) return;
            var scores = harness.Prioritize(body);
            var asked = JsonNode.Parse(body)!;
            var names = mode == "node-names" ? asked["NodeNames"]!.AsArray().Select(name => (string)name!)
                : asked["Nodes"]!["items"]!.AsArray().Select(node => (string)node!["metadata"]!["name"]!);
            Assert.Equal(names.Order(), scores.Keys.Order());
            Assert.All(scores.Values, score => Assert.InRange(score, 0, 10));
            all[pod.Name] = scores;
        });
        Assert.All(all.Values, scores => Assert.Contains(10, scores.Values));
        Assert.Equal(["cpu-1"], all["cpu-only"].Where(score => score.Value == 10).Select(score => score.Key));
    }

    [SkippableTheory]
    [InlineData("node-names")]
    [InlineData("full-nodes")]
    public void Preempt_RecordedBodies_KeepsWhatMakesRoom(string mode)
    {
        var answers = new Dictionary<string, Dictionary<string, string[]>>();
        var uids = new Dictionary<string, string>();
        Replay(mode, (harness, verb, body, pod) =>
        {
            uids[pod.Name] = pod.Uid;
            if (verb == ExtenderVerb.Preempt) answers[pod.Name] = harness.Preempt(body);
        });
        var (crowded, taken) = mode == "node-names" ? ("h100-a", "h100-b") : ("h100-b", "h100-a");
        var fill2 = Assert.Single(answers["fill-2"]);
        Assert.Equal(crowded, fill2.Key);
        Assert.Equal([uids["multi-container"], uids["whole-1"]], fill2.Value);
        Assert.Equal(["h100-a", "h100-b"], answers["urgent-8"].Keys.Order());
        Assert.Equal(new[] { uids["fill-0"], uids["multi-container"], uids["whole-1"] }.Order(), answers["urgent-8"][crowded].Order());
        Assert.Equal(uids["fill-0"], answers["urgent-8"][crowded][0]);
        Assert.Equal([uids["whole-8"]], answers["urgent-8"][taken]);
    }

    [SkippableTheory]
    [InlineData("node-names")]
    [InlineData("full-nodes")]
    public void AnyVerb_RecordedBodyCutAnywhere_IsAnsweredWithAnError(string mode)
    {
        Replay(mode, (harness, verb, body, _) => CutBodies.AssertAllAnswered(harness, verb, body));
    }

    private static void Replay(string mode, Action<ExtenderHarness, ExtenderVerb, string, Pod> onCall)
    {
        var shared = Environment.GetEnvironmentVariable("GPU_SCHEDULER_SHARED");
        Skip.If(string.IsNullOrEmpty(shared), "GPU_SCHEDULER_SHARED is not set: the recorded kube-scheduler bodies are not at hand");
        var folder = Path.Combine(shared!, "fixtures", "kube-scheduler-1.36");
        var harness = new ExtenderHarness();
        harness.With(new KubernetesListReader(GpuResourceCatalog.Default).Read(File.ReadAllBytes(Path.Combine(folder, "nodes.json"))).Nodes);
        var placed = new HashSet<string>();
        Pod? previous = null;
        foreach (var file in Directory.GetFiles(Path.Combine(folder, mode), "*.json").Order(StringComparer.Ordinal))
        {
            var body = File.ReadAllText(file);
            var pod = PodOf(body);
            if (previous is not null && previous.Name != pod.Name) Place(previous);
            previous = pod;
            var verb = Enum.Parse<ExtenderVerb>(Path.GetFileName(file).Split('-')[1], ignoreCase: true);
            onCall(harness, verb, body, pod);
        }

        void Place(Pod pod)
        {
            foreach (var (name, node) in Placements[mode])
            {
                if (name != pod.Name || !placed.Add(name)) continue;
                if (node == ReplicaNode) harness.Ledger.UpsertPod(pod with { NodeName = node });
                else Assert.True(harness.Ledger.Assume(pod, node).IsPlaced);
                harness.Publish();
            }
        }
    }

    private static Pod PodOf(string body)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(JsonNode.Parse(body)!["Pod"]!.ToJsonString()));
        reader.Read();
        return Pods.Read(ref reader);
    }
}
