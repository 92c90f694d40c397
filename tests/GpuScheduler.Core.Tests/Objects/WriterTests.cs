using System.Buffers;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class WriterTests
{
    [Fact]
    public void NodeWriter_AnyNode_IsReadBackEqual() => Prop.ForAll(Nodes().ToArbitrary(), node =>
    {
        var json = Write(writer => NodeWriter.Write(writer, node));
        return Read.Describe(node) == Read.Describe(Read.Node(json));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void PodWriter_AnyPod_IsReadBackEqual() => Prop.ForAll(Pods().ToArbitrary(), pod =>
    {
        var json = Write(writer => PodWriter.Write(writer, pod));
        var back = Read.Pod(json);
        return Read.Describe(pod) == Read.Describe(back) && pod.Shape.Equals(back.Shape);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(""" "nodeSelector":{"disk":"ssd","é":"中"} """)]
    [InlineData(
        """
        "nodeSelector":{"disk":"ssd"},
        "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
          {"matchExpressions":[{"key":"zone","operator":"In","values":["a","b"]},{"key":"old","operator":"DoesNotExist"}]},
          {"matchFields":[{"key":"metadata.name","operator":"In","values":["n1"]}]},{}]}}}
        """)]
    public void PodWriter_NodeSelection_IsReadBackEqual(string spec)
    {
        var pod = Read.Pod($$$"""{"metadata":{"name":"p","namespace":"ns","uid":"u"},"spec":{ {{{spec}}},"containers":[]}}""");
        Assert.NotNull(pod.NodeSelection);
        Assert.Equal(pod.NodeSelection, Read.Pod(Write(writer => PodWriter.Write(writer, pod))).NodeSelection);
    }

    [Fact]
    public void PodWriter_ModelsWithoutAnnotation_AreWrittenAsTheAnnotation()
    {
        var shape = MakePod.Named("p").Models("NVIDIA-L40S").Shape();
        var pod = new Pod { Namespace = "default", Name = "p", Uid = "u", Shape = shape };
        Assert.Equal(shape, Read.Pod(Write(writer => PodWriter.Write(writer, pod))).Shape);
    }

    [Fact]
    public void PodWriter_ExtendedResources_HaveTheLimitTheApiServerAsksFor()
    {
        using var json = JsonDocument.Parse(Write(writer => PodWriter.Write(writer, MakePod.Named("p").Cpu("1").Gpus(2).Build())));
        var resources = json.RootElement.GetProperty("spec").GetProperty("containers")[0].GetProperty("resources");
        Assert.Equal("""{"nvidia.com/gpu":"2"}""", resources.GetProperty("limits").GetRawText());
    }

    private static Gen<string> Texts() => Gen.Elements("a", "n-1", "é中", "quote \" \\ /", "😀");

    private static Gen<Node> Nodes() =>
        from name in Texts()
        from cpuMilli in Gen.Choose(0, 200_000)
        from memoryMiB in Gen.Choose(0, int.MaxValue)
        from gpus in Gen.Choose(0, 16)
        from label in Texts()
        from shape in Gen.Choose(0, 15)
        select Node(name, cpuMilli, memoryMiB, gpus, label, shape);

    private static Node Node(string name, int cpuMilli, int memoryMiB, int gpus, string label, int shape)
    {
        var node = MakeNode.Named(name).Cpu($"{cpuMilli}m").Memory($"{memoryMiB}Mi").Gpus(gpus).Model("Tesla-T4").GpuMemoryMiB(15360).Label("l", label);
        if ((shape & 1) != 0) node.Taint("k", label).Taint("x", effect: "PreferNoSchedule");
        if ((shape & 2) != 0) node.Unschedulable();
        if ((shape & 4) != 0) node.Annotation("gpu-scheduler.io/x", label).ResourceVersion("7");
        if ((shape & 8) != 0) node.Condition("DiskPressure", "Unknown").MigSlices("1g.5gb", 7);
        return node.Build();
    }

    private static Gen<Pod> Pods() =>
        from name in Texts()
        from cpuMilli in Gen.Choose(0, 200_000)
        from memoryMiB in Gen.Choose(0, int.MaxValue)
        from gpus in Gen.Choose(0, 16)
        from priority in Gen.Choose(int.MinValue, int.MaxValue)
        from shape in Gen.Choose(0, 255)
        select Pod(name, cpuMilli, memoryMiB, gpus, priority, shape);

    private static Pod Pod(string name, int cpuMilli, int memoryMiB, int gpus, int priority, int shape)
    {
        var pod = MakePod.Named(name).Namespace("team").Uid("u").Cpu($"{cpuMilli}m").Memory($"{memoryMiB}Mi").Gpus(gpus).Priority(priority);
        if ((shape & 1) != 0) pod.On("n1").Nominated("n2");
        if ((shape & 2) != 0) pod.Terminal().Tolerate("nvidia.com/gpu").Tolerate("k", "v", "NoExecute").Tolerate("");
        if ((shape & 4) != 0) pod.Terminating().ResourceVersion("7");
        if ((shape & 8) != 0) pod.CreatedAt(new DateTimeOffset(2026, 11, 20, 23, 37, 43, TimeSpan.Zero));
        if ((shape & 16) != 0) pod.Models("NVIDIA-H100*|NVIDIA-H200");
        if ((shape & 32) != 0) pod.Controller("Job", "bert").SchedulingGroup("pg");
        if ((shape & 64) != 0) pod.Label("kueue.x-k8s.io/queue-name", name).Annotation("gpu-memory", "é");
        if ((shape & 128) != 0) pod.MigSlices("3g.20gb", 2).Scheduler("");
        return pod.Build();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
