using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Sharing;

public sealed class DialectAnnotationTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Assume_GpuShare_WritesItsAnnotationsByteForByte()
    {
        Add(MakeNode.Named("n").GpuShare(2, 15));
        Assume(MakePod.Named("first").GpuMem(14));

        var annotations = Assume(MakePod.Named("p").GpuMem(2)).Annotations;

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ALIYUN_COM_GPU_MEM_IDX"] = "1",
                ["ALIYUN_COM_GPU_MEM_DEV"] = "15",
                ["ALIYUN_COM_GPU_MEM_POD"] = "2",
                ["ALIYUN_COM_GPU_MEM_ASSIGNED"] = "false",
                ["ALIYUN_COM_GPU_MEM_ASSUME_TIME"] = "1700000000000000001",
                ["gpu-scheduler.io/devices"] = """[{"index":1,"memoryMiB":2048}]""",
            },
            annotations);
    }

    [Fact]
    public void Assume_AskedAgainForAPlacedPod_GivesTheSameAnnotations()
    {
        Add(MakeNode.Named("n").GpuShare(2, 15));
        var first = Assume(MakePod.Named("p").GpuMem(2));
        Assume(MakePod.Named("other").GpuMem(2));

        var again = Assume(MakePod.Named("p").GpuMem(2));

        Assert.Equal((AssumeResult.AlreadyThere, first.Annotations), (again.Result, again.Annotations));
    }

    [Fact]
    public void Assume_AfterARestart_StampsAreStillLaterThanEveryPodOfTheNode()
    {
        Add(MakeNode.Named("n").GpuShare(2, 15));
        _ledger.UpsertPod(MakePod.Named("old").GpuMem(3).On("n")
            .Annotation("ALIYUN_COM_GPU_MEM_IDX", "1").Annotation("ALIYUN_COM_GPU_MEM_ASSUME_TIME", "1800000000000000000").Build());

        var outcome = Assume(MakePod.Named("p").GpuMem(2));

        Assert.Equal("1800000000000000001", outcome.Annotations["ALIYUN_COM_GPU_MEM_ASSUME_TIME"]);
        Assert.Equal(0b10u, outcome.DeviceMask);
    }

    [Theory]
    [InlineData("1", 0b10u, false)]
    [InlineData("7", 0b01u, true)]
    [InlineData("-1", 0b01u, true)]
    [InlineData("x", 0b01u, true)]
    public void UpsertPod_AssignedByTheOriginalExtender_IsOnTheDeviceItNames(string index, uint devices, bool inferred)
    {
        Add(MakeNode.Named("n").GpuShare(2, 15));

        _ledger.UpsertPod(MakePod.Named("p").GpuMem(3).On("n").Annotation("ALIYUN_COM_GPU_MEM_IDX", index).Build());

        var placed = Assert.Single(_ledger.Publish().Pages[0].Pods(0).ToArray());
        Assert.Equal((devices, inferred), (placed.DeviceMask, placed.DevicesInferred));
    }

    // docs/designs/designs.md of gpushare-scheduler-extender, "Schedule": nodes N1 to N3 of two 16276 MiB devices, and a pod of 8138.
    [Theory]
    [InlineData(0, 4069, -1)]
    [InlineData(4069, 4069, -1)]
    [InlineData(8138, 0, 0)]
    public void Filter_DesignDocument_NeedsOneDeviceWithAllOfIt(int freeOfFirst, int freeOfSecond, int device)
    {
        Add(MakeNode.Named("n").GpuShare(2, 16276));
        Hold("a", 0, 16276 - freeOfFirst);
        Hold("b", 1, 16276 - freeOfSecond);

        var outcome = Assume(MakePod.Named("p").GpuMem(8138));

        if (device >= 0) Assert.Equal(1u << device, outcome.DeviceMask);
        else Assert.Equal("node n: Insufficient GPU Memory in one device", outcome.Reason);
    }

    // The same document, bind: devices with 12207, 8138, 4069 and 16276 free. The one with least that still fits is taken.
    [Fact]
    public void Bind_DesignDocument_TakesTheDeviceWithLeastFreeMemoryThatFits()
    {
        Add(MakeNode.Named("n").GpuShare(4, 16276));
        Hold("a", 0, 16276 - 12207);
        Hold("b", 1, 16276 - 8138);
        Hold("c", 2, 16276 - 4069);

        Assert.Equal(0b0010u, Assume(MakePod.Named("p").GpuMem(8138)).DeviceMask);
    }

    // samples/1.yaml to 3.yaml, deployed one after the other on a node of two 16276 MiB devices.
    [Fact]
    public void Bind_Samples_FillOneDeviceBeforeTheNext()
    {
        Add(MakeNode.Named("n").GpuShare(2, 16276));

        Assert.Equal([0b01u, 0b01u, 0b10u], Enumerable.Range(1, 3).Select(i => Assume(MakePod.Named($"binpack-{i}").GpuMem(8138)).DeviceMask));
    }

    [Fact]
    public void Filter_NodeThatIsNotForGpuShare_SaysItInGpuSharesWords()
    {
        Add(MakeNode.Named("plain").Gpus(8));

        var outcome = _ledger.Assume(MakePod.Named("p").GpuMem(1).Build(), "plain", Now);

        Assert.Equal("node plain: node(s) not for GPU share, need skip", outcome.Reason);
    }

    [Fact]
    public void Assume_VolcanoGpuShare_WritesIndexAndTime()
    {
        Add(MakeNode.Named("n").Resource("volcano.sh/gpu-number", "2").Resource("volcano.sh/gpu-memory", "32000"));

        var share = Assume(MakePod.Named("share").Request("volcano.sh/gpu-memory", "1000"));
        var whole = Assume(MakePod.Named("whole").Request("volcano.sh/gpu-number", "1"));

        Assert.Equal(("0", "1700000000000000000"), (share.Annotations["volcano.sh/gpu-index"], share.Annotations["volcano.sh/predicate-time"]));
        Assert.Equal(("1", "1700000000000000001"), (whole.Annotations["volcano.sh/gpu-index"], whole.Annotations["volcano.sh/predicate-time"]));
        Assert.Equal("""[{"index":1,"milli":1000}]""", whole.Annotations[DeviceAnnotation.Key]);
    }

    [Fact]
    public void Assume_VolcanoVgpu_WritesDevicesByContainer()
    {
        Add(MakeNode.Named("n").Vgpu(16_384, 32_768));
        var pod = Read.Pod("""
            {"metadata":{"name":"p","uid":"u"},"spec":{"containers":[
              {"name":"a","resources":{"limits":{"volcano.sh/vgpu-number":"2","volcano.sh/vgpu-memory":"1000","volcano.sh/vgpu-cores":"20"}}},
              {"name":"b","resources":{"limits":{"cpu":"1"}}},
              {"name":"c","resources":{"limits":{"volcano.sh/vgpu-number":"1","volcano.sh/vgpu-memory-percentage":"50"}}}]}}
            """);

        var outcome = _ledger.Assume(pod, "n", Now);

        Assert.Equal("GPU-0,NVIDIA,1000,20:GPU-1,NVIDIA,1000,20:;;GPU-0,NVIDIA,8192,0:", outcome.Annotations["volcano.sh/vgpu-ids-new"]);
        Assert.Equal(outcome.Annotations["volcano.sh/vgpu-ids-new"], outcome.Annotations["volcano.sh/devices-to-allocate"]);
        Assert.Equal(
            ("n", "1700000000", "1700000000", "allocating"),
            (outcome.Annotations["volcano.sh/vgpu-node"], outcome.Annotations["volcano.sh/vgpu-time"],
                outcome.Annotations["volcano.sh/bind-time"], outcome.Annotations["volcano.sh/bind-phase"]));
        Assert.Equal("""[{"index":0,"memoryMiB":9192,"cores":20},{"index":1,"memoryMiB":17384,"cores":20}]""", outcome.Annotations[DeviceAnnotation.Key]);
    }

    [Fact]
    public void UpsertPod_AssignedByVolcano_IsOnTheDevicesItNames()
    {
        Add(MakeNode.Named("n").Vgpu(16_384, 16_384));

        _ledger.UpsertPod(MakePod.Named("p").Vgpu(1, memoryMiB: 100).On("n").Annotation("volcano.sh/vgpu-ids-new", "GPU-1,NVIDIA,100,0:").Build());

        Assert.Equal([16_384, 16_284], _ledger.Publish().Pages[0].DeviceFreeMemory(0).ToArray());
    }

    [Fact]
    public void PodWriter_SeveralVgpuContainers_AreReadBackAsTheyWere()
    {
        var pod = Read.Pod("""
            {"metadata":{"name":"p","uid":"u"},"spec":{"containers":[
              {"name":"a","resources":{"limits":{"cpu":"1","volcano.sh/vgpu-number":"2","volcano.sh/vgpu-memory":"1000"}}},
              {"name":"b","resources":{"limits":{"volcano.sh/vgpu-number":"1","volcano.sh/vgpu-cores":"50"}}}]}}
            """);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) PodWriter.Write(writer, pod);

        var again = Read.Pod(Encoding.UTF8.GetString(buffer.ToArray()));

        Assert.Equal((2, pod.Shape), (again.Shape.Gpu.Count, again.Shape));
        Assert.Equal(pod.ContainerShares, again.ContainerShares);
    }

    /// <summary>Binds of many dialects, failures, deletions and restarts that rebuild the ledger from the pods' annotations alone.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnyHistory_WithRestarts_OverCommitsNothingAndKeepsEveryPodsDevices(int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, 6).Select(i => RandomNode(random, $"n{i}")).ToArray();
        var bound = new Dictionary<string, Pod>();
        var given = new Dictionary<string, uint>();
        var ledger = Rebuilt(nodes, bound.Values);
        for (var step = 0; step < 250; step++)
        {
            var pod = RandomPod(random, $"p{step}");
            var node = nodes[random.Next(nodes.Length)].Name;
            var outcome = ledger.Assume(pod, node, Now);
            if (outcome.IsPlaced)
            {
                // Not every bind call ends well; and some end well without our hearing of it before the restart.
                if (random.Next(5) == 0)
                {
                    ledger.Forget(pod.Uid);
                }
                else
                {
                    bound.Add(pod.Uid, pod.BoundTo(node, outcome.Annotations));
                    given.Add(pod.Uid, outcome.DeviceMask);
                    if (random.Next(3) > 0) ledger.UpsertPod(bound[pod.Uid]);
                }
            }

            if (bound.Count > 0 && random.Next(4) == 0)
            {
                var gone = bound.Keys.ElementAt(random.Next(bound.Count));
                bound.Remove(gone);
                ledger.DeletePod(gone);
            }

            if (random.Next(20) == 0) ledger = Rebuilt(nodes, bound.Values.OrderBy(_ => random.Next()));
            if (step % 25 == 0) AssertTrue(ledger.Publish(), nodes, bound, given, seed);
        }

        ledger = Rebuilt(nodes, bound.Values);
        AssertTrue(ledger.Publish(), nodes, bound, given, seed);
        Assert.True(given.Count > 5, "the test must bind pods to mean anything");
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 60)];

    private static void AssertTrue(ClusterSnapshot snapshot, Node[] nodes, Dictionary<string, Pod> bound, Dictionary<string, uint> given, int seed)
    {
        Assert.Empty(SnapshotComparer.Compare(snapshot, nodes, bound.Values));
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var placed = page.Pods(row.Row & NodePage.RowMask).ToArray();
            Assert.All(placed, pod => Assert.Equal((given[pod.Pod.Uid], false), (pod.DeviceMask, pod.DevicesInferred)));
            var stamps = placed.Select(pod => bound[pod.Pod.Uid].Annotations.GetValueOrDefault("ALIYUN_COM_GPU_MEM_ASSUME_TIME")).Where(stamp => stamp is not null).ToArray();
            Assert.Equal(stamps.Length, stamps.Distinct().Count());
            for (var device = 0; device < page.GpuCount[row.Row & NodePage.RowMask]; device++)
            {
                var total = page.DeviceMemory(row.Row & NodePage.RowMask)[device];
                var holders = placed.Where(pod => pod.Devices.Contains(device)).Select(pod => pod.Pod.Shape.Gpu).ToArray();
                var memory = holders.Where(demand => demand.IsMemoryShare).Sum(demand => demand.Memory.On(total));
                Assert.True((holders.Sum(demand => demand.MilliPerGpu) * (long)Math.Max(1, total)) + (memory * 1000L) <= 1000L * Math.Max(1, total), $"seed {seed}: device {device} of {row.Name}");
                Assert.True(holders.Sum(demand => demand.Memory.CoresPercent) <= 100, $"seed {seed}: cores of device {device} of {row.Name}");
            }
        }
    }

    private static ClusterLedger Rebuilt(Node[] nodes, IEnumerable<Pod> bound)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        foreach (var pod in bound) ledger.UpsertPod(pod);
        return ledger;
    }

    private static Node RandomNode(Random random, string name)
    {
        var gpus = random.Next(1, 9);
        var node = MakeNode.Named(name).Cpu("640").Memory("4Ti").Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * 1000}").Shared(random, gpus);
        if (random.Next(3) == 0)
        {
            node.Annotation("gpu-scheduler.io/node-devices", $"[{string.Join(',', Enumerable.Range(0, gpus).Select(i =>
                string.Create(CultureInfo.InvariantCulture, $"{{\"index\":{i},\"memoryMiB\":{random.Next(12, 40) * 1024},\"healthy\":{(random.Next(6) > 0 ? "true" : "false")}}}")))}]");
        }

        return node.Build();
    }

    private static Pod RandomPod(Random random, string name)
    {
        var pod = MakePod.Named(name).Cpu("100m");
        return (random.Next(4) switch { 0 => pod.Gpus(random.Next(1, 3)), 1 => pod.GpuMilli(random.Next(1, 1000)), _ => pod.Shared(random) }).Build();
    }

    private void Hold(string name, int device, int memory)
    {
        if (memory > 0) _ledger.UpsertPod(MakePod.Named(name).GpuMem(memory).On("n").Annotation("ALIYUN_COM_GPU_MEM_IDX", $"{device}").Build());
    }

    private void Add(MakeNode node) => _ledger.UpsertNode(node.Cpu("64").Memory("256Gi").Build());

    private AssumeOutcome Assume(MakePod pod) => _ledger.Assume(pod.Build(), "n", Now);
}
