using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class NodeReaderTests
{
    private const string Full = """
        {"kind":"Node","apiVersion":"v1","metadata":{"name":"nöde\u002d1","uid":"u","resourceVersion":"9","creationTimestamp":"2026-11-20T23:39:06Z",
          "labels":{"kubernetes.io/hostname":"n1","nvidia.com\/gpu.product":"NVIDIA-A100-SXM4-40GB-SHARED","nvidia.com/gpu.memory":"40960"},
          "annotations":{"csi.volume":"x","nvidia.com/mig.config":"all","gpu-scheduler.io/a":"b"}},
         "spec":{"podCIDR":"10.0.0.0/24","unschedulable":true,"taints":[{"key":"nvidia.com/gpu","value":"present","effect":"NoSchedule"},{"key":"k","effect":"NoExecute","timeAdded":null}]},
         "status":{"allocatable":{"memory":"1000000Ki","cpu":"95500m","nvidia.com/gpu":"8","pods":110,"ephemeral-storage":"1.5Gi"},
          "capacity":{"cpu":"96","memory":"1Ti"},"conditions":[{"type":"Ready","status":"True","reason":"Lab"},{"type":"DiskPressure","status":"False"}],
          "images":[{"names":["a","b"],"sizeBytes":5}],"nodeInfo":{"architecture":"amd64"}}}
        """;

    [Fact]
    public void Read_FullNode_KeepsWhatPlacementNeeds()
    {
        var node = Read.Node(Full);
        Assert.Equal(("nöde-1", "u", "9", true), (node.Name, node.Uid, node.ResourceVersion.ToString(), node.IsUnschedulable));
        Assert.Equal(
            [new("cpu", 95_500), new("ephemeral-storage", 1536), new("memory", 976), new("nvidia.com/gpu", 8), new("pods", 110)],
            node.Allocatable);
        Assert.Equal([new("cpu", 96_000), new("memory", 1 << 20)], node.Capacity);
        Assert.Equal(
            [new Taint("nvidia.com/gpu", "present", "NoSchedule"), new Taint("k", "", "NoExecute"), Taint.Unschedulable],
            node.Taints);
        Assert.Equal(new GpuLabels("NVIDIA-A100-SXM4-40GB", "", 40960, true, "", ""), node.Gpu);
        Assert.Equal((3, "n1"), (node.Labels.Count, node.Labels["kubernetes.io/hostname"]));
        Assert.Equal(["gpu-scheduler.io/a", "nvidia.com/mig.config"], node.Annotations.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("True", "False"), (node.Conditions["Ready"], node.Conditions["DiskPressure"]));
        Assert.Empty(node.Problems);
    }

    [Fact]
    public void Read_UnschedulableWithItsTaint_HasTheTaintOnce() => Assert.Equal([Taint.Unschedulable], Read.Node("""
        {"metadata":{"name":"n"},"spec":{"unschedulable":true,"taints":[{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule"}]}}
        """).Taints);

    [Fact]
    public void Read_WrongQuantities_AreLeftOutAndTold()
    {
        var node = Read.Node("""
            {"metadata":{"name":"n"},"status":{"allocatable":{"cpu":"many","memory":"1Gi","nvidia.com/gpu":"-8","pods":["x"]},"capacity":{"cpu":"4"}}}
            """);
        Assert.Equal([new("memory", 1024)], node.Allocatable);
        Assert.Equal([new("cpu", 4000)], node.Capacity);
        Assert.Collection(
            node.Problems,
            problem => Assert.StartsWith("""status.allocatable["cpu"]: 'many' is not a quantity""", problem, StringComparison.Ordinal),
            problem => Assert.Equal("""status.allocatable["nvidia.com/gpu"]: -8 is negative""", problem),
            problem => Assert.Equal("""status.allocatable["pods"]: expected a quantity, found an array""", problem));
    }

    [Fact]
    public void Read_NoAllocatable_OffersTheCapacity() =>
        Assert.Equal(4000, Read.Node("""{"metadata":{"name":"n"},"status":{"capacity":{"cpu":"4"}}}""").AllocatableOf("cpu"));

    [Fact]
    public void Read_NullsEverywhere_CountAsAbsent()
    {
        var expected = Read.Describe(Read.Node("""{"metadata":{"name":"n"}}"""));
        string[] variants =
        [
            """{"metadata":{"name":"n","labels":null,"annotations":null},"spec":null,"status":null}""",
            """{"metadata":{"name":"n"},"spec":{"taints":null,"unschedulable":null},"status":{"allocatable":null,"capacity":null,"conditions":null}}""",
        ];
        Assert.All(variants, json => Assert.Equal(expected, Read.Describe(Read.Node(json))));
    }

    [Theory]
    [InlineData("""{"metadata":{"labels":{"a":"b"}}}""", "metadata.name: missing")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", """metadata.labels["a"]: expected a string, found a number""")]
    [InlineData("""{"spec":{"taints":[{"key":1}]}}""", "spec.taints[0].key: expected a string, found a number")]
    [InlineData("""{"spec":{"unschedulable":"true"}}""", "spec.unschedulable: expected true or false, found a string")]
    [InlineData("""{"status":{"allocatable":[]}}""", "status.allocatable: expected an object, found an array")]
    [InlineData("""{"status":{"conditions":[7]}}""", "status.conditions[0]: expected an object, found a number")]
    public void Read_WrongField_NamesItsPath(string json, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => Read.Node(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_BytesThatAreNoUtf8_AreAnError()
    {
        var json = Encoding.UTF8.GetBytes("""{"metadata":{"name":"n?"}}""");
        json[Array.IndexOf(json, (byte)'?')] = 0xFF;
        Assert.Contains("not valid Unicode", Assert.Throws<FormatException>(() => Read.Node(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BodyCutAtAnyByte_IsAnError()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes.AsSpan(0, length).ToArray();
            Assert.ThrowsAny<JsonException>(() => Read.Node(cut));
        }
    }

    [Fact]
    public void Read_InputInSegments_IsTheSameNode()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        var whole = Read.Describe(Read.Node(bytes));
        for (var at = 0; at < bytes.Length; at++)
        {
            var reader = new Utf8JsonReader(Segments.Cut(bytes, at, bytes.Length));
            Assert.Equal(whole, Read.Describe(Read.Node(ref reader)));
        }

        var bytewise = new Utf8JsonReader(Segments.Cut(bytes, 1, 1));
        Assert.Equal(whole, Read.Describe(Read.Node(ref bytewise)));
    }

    [SkippableFact]
    public void Read_NodesOfARealCluster_AllLoad()
    {
        Skip.If(SharedInput.Path() is null, SharedInput.Missing);
        var file = SharedInput.Path("fixtures", "kube-scheduler-1.36", "nodes.json")!;
        var objects = new KubernetesListReader(GpuResourceCatalog.Default).Read(File.ReadAllBytes(file));
        Assert.Equal((7, 0, 0), (objects.Nodes.Count, objects.Pods.Count, objects.Problems.Count));
        var mig = objects.Nodes.Single(node => node.Name == "a100-mig");
        Assert.Equal(("NVIDIA-A100-SXM4-40GB", "ampere", 40960), (mig.Gpu.Model, mig.Gpu.Family, mig.Gpu.MemoryMiB));
        Assert.Equal((96_000, 1 << 20, 14), (mig.AllocatableOf("cpu"), mig.AllocatableOf("memory"), mig.AllocatableOf("nvidia.com/mig-1g.5gb")));
        Assert.All(objects.Nodes, node => Assert.Empty(node.Problems));
    }
}
