using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Constraints;

/// <summary>Constraints through the filter and the ledger: the reasons, and the devices chosen.</summary>
public sealed class ConstraintFilterTests
{
    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Check_TooLittleMemory_SaysHowMuchThereIs() =>
        Rejects("GPU memory 16384Mi < 40Gi", RejectionClass.Unresolvable, Pod(1, ConstraintAnnotations.MinGpuMemory, "40Gi"), Node().GpuMemoryMiB(16384));

    [Fact]
    public void Check_MemoryNotKnown_Rejects() => Rejects(
        "GPU memory is not known (label nvidia.com/gpu.memory) and the pod wants 40Gi", RejectionClass.Unresolvable,
        Pod(1, ConstraintAnnotations.MinGpuMemory, "40Gi"), Node());

    [Fact]
    public void Check_EnoughMemory_Fits() => Fits(Pod(1, ConstraintAnnotations.MinGpuMemory, "79Gi"), Node().GpuMemoryMiB(81559));

    [Fact]
    public void Check_OlderCapability_SaysWhich() => Rejects(
        "GPU compute capability 7.5 < 8.0", RejectionClass.Unresolvable, Pod(1, ConstraintAnnotations.MinComputeCapability, "8"),
        Node().Label("nvidia.com/gpu.compute.major", "7").Label("nvidia.com/gpu.compute.minor", "5"));

    [Fact]
    public void Check_NewerCapability_Fits() => Fits(
        Pod(1, ConstraintAnnotations.MinComputeCapability, "8.9"),
        Node().Label("nvidia.com/gpu.compute.major", "10").Label("nvidia.com/gpu.compute.minor", "0"));

    [Theory]
    [InlineData("Tesla-T4-SHARED")]
    [InlineData("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb")]
    public void Check_ReplicasOrSlicesForWholeOnly_Rejects(string product) => Rejects(
        "node(s) had GPUs in replicas or slices and the pod wants whole GPUs only", RejectionClass.Unresolvable,
        Pod(1, ConstraintAnnotations.WholeGpuOnly, "true"), Node().Model(product));

    [Fact]
    public void Check_ShareThatWantsWholeOnly_ContradictsItself() => Rejects(
        "the pod asks for parts of GPUs and wants whole GPUs only", RejectionClass.Unresolvable,
        MakePod.Named("p").GpuMilli(500).Annotation(ConstraintAnnotations.WholeGpuOnly, "true"), Node());

    [Fact]
    public void Check_UnreadableValue_RejectsEveryNodeAndNamesIt() => Rejects(
        "annotation gpu-scheduler.io/placement: 'binpack' is neither pack nor spread", RejectionClass.Unresolvable,
        Pod(1, ConstraintAnnotations.Placement, "binpack"), Node());

    [Fact]
    public void Note_UnknownAnnotation_DoesNotRejectAndIsTold()
    {
        var pod = Pod(1, "gpu-scheduler.io/gpu-modle", "x");
        Fits(pod, Node());
        Assert.Equal(
            ", note: unknown annotation gpu-scheduler.io/gpu-modle, did you mean gpu-scheduler.io/gpu-model?",
            new PodFilter(_ledger.Publish().Tables, pod.Shape()).Note);
    }

    [Fact]
    public void Check_ExclusiveOnNodeWithGpuPods_Rejects()
    {
        Put(MakePod.Named("a").Gpus(1), MakePod.Named("b").GpuMilli(100), MakePod.Named("c").Cpu("1"));
        Rejects(
            "node(s) had GPUs that other pods use and the pod wants them exclusively", RejectionClass.OnlyExtenderSees,
            Pod(1, ConstraintAnnotations.ExclusiveNode, "true"), Node());
    }

    [Fact]
    public void Check_GpuPodBesideAnExclusiveOne_RejectsUntilItIsGone()
    {
        Put(Pod(1, ConstraintAnnotations.ExclusiveNode, "true").Uid("x"));
        Rejects("node(s) had another pod that has their GPUs exclusively", RejectionClass.OnlyExtenderSees, MakePod.Named("q").Gpus(1), Node());
        Fits(MakePod.Named("cpu").Cpu("1"), Node());

        _ledger.DeletePod("x");
        Fits(MakePod.Named("q").Gpus(1), Node());
    }

    [Fact]
    public void Assume_ExclusivePod_ClosesTheNodeAtOnce()
    {
        _ledger.UpsertNode(Node().Build());
        Assert.True(_ledger.Assume(Pod(1, ConstraintAnnotations.ExclusiveNode, "true").Build(), "n1").IsPlaced);
        Assert.Equal(AssumeResult.DoesNotFit, _ledger.Assume(MakePod.Named("q").Gpus(1).Build(), "n1").Result);
    }

    [Fact]
    public void Check_NoIslandFree_SaysTheBest()
    {
        Put(OnDevices("a", 0, 1, 4, 5));
        Rejects(
            "node(s) had no NVLink island with 4 free GPUs (best has 2)", RejectionClass.OnlyExtenderSees,
            Pod(4, ConstraintAnnotations.LinkIsland, "required"), Node().Model("Tesla-V100-SXM2-32GB"));
    }

    [Fact]
    public void Check_IslandTooSmallEvenWhenEmpty_IsUnresolvable() => Rejects(
        "node(s) had no NVLink island with 4 free GPUs (best has 2)", RejectionClass.Unresolvable,
        Pod(4, ConstraintAnnotations.LinkIsland, "required"), Node().Model("NVIDIA-A100-PCIE-40GB"));

    [Fact]
    public void Check_NumaNodeFull_SaysTheBest()
    {
        Put(OnDevices("a", 0, 4, 5));
        Rejects(
            "node(s) had no NUMA node with 4 free GPUs (best has 3)", RejectionClass.OnlyExtenderSees,
            Pod(4, ConstraintAnnotations.NumaNode, "required"), Node().Model("NVIDIA-H100-80GB-HBM3"));
    }

    [Fact]
    public void Assume_LinkPreferred_TakesAnIslandWhereThereIsOneAndFitsAnyway()
    {
        Put(OnDevices("a", 0));
        _ledger.UpsertNode(Node().Model("Tesla-V100-SXM2-32GB").Build());
        var pod = Pod(4, ConstraintAnnotations.LinkIsland, "preferred").Build();
        Assert.Equal(0b1111_0000u, _ledger.Assume(pod, "n1").DeviceMask);
        Assert.Equal(3, System.Numerics.BitOperations.PopCount(_ledger.Assume(Named(3, "b", ConstraintAnnotations.LinkIsland, "preferred").Build(), "n1").DeviceMask));
    }

    [Fact]
    public void Assume_AvoidedGpu_IsNeverGiven()
    {
        var node = Node().Annotation("gpu-scheduler.io/node-devices", """[{"index":0,"uuid":"GPU-a"},{"index":1,"uuid":"GPU-b"},{"index":2,"uuid":"GPU-c"}]""");
        _ledger.UpsertNode(node.Build());
        Assert.Equal(0b1010u, _ledger.Assume(Pod(2, ConstraintAnnotations.AvoidGpu, "GPU-a,GPU-c").Build(), "n1").DeviceMask);
        Rejects(
            "node(s) had only 4 free GPUs besides those the pod avoids or that have too little memory", RejectionClass.OnlyExtenderSees,
            Named(5, "q", ConstraintAnnotations.AvoidGpu, "GPU-a,GPU-c"), node);
    }

    [Fact]
    public void Assume_UnequalCards_TakesOnlyLargeOnes()
    {
        var node = MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(3).Resource(GpuResourceCatalog.GpuMilli, "3000").GpuMemoryMiB(16384)
            .Annotation("gpu-scheduler.io/node-devices", """[{"index":0,"memoryMiB":16384},{"index":1,"memoryMiB":46068},{"index":2}]""");
        _ledger.UpsertNode(node.Build());
        Assert.Equal(0b10u, _ledger.Assume(Pod(1, ConstraintAnnotations.MinGpuMemory, "40Gi").Build(), "n1").DeviceMask);
        Assert.Contains("only 0 free GPUs", _ledger.Assume(MakePod.Named("s").GpuMilli(100).Annotation(ConstraintAnnotations.MinGpuMemory, "40Gi").Build(), "n1").Reason);
    }

    [Theory]
    [InlineData("pack", 0b0001u)]
    [InlineData("spread", 0b0010u)]
    public void Assume_SharePackedOrSpread_TakesTheFullestOrEmptiestDevice(string placement, uint expected)
    {
        _ledger.UpsertNode(Node().Build());
        Put(MakePod.Named("a").GpuMilli(300));
        Assert.Equal(expected, _ledger.Assume(MakePod.Named("s").GpuMilli(100).Annotation(ConstraintAnnotations.Placement, placement).Build(), "n1").DeviceMask);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnyCluster_FitsEqualsCheckAndBindFindsDevices(int seed)
    {
        var random = new Random(seed);
        var ledger = new ClusterLedger();
        for (var i = 0; i < 100; i++) ledger.UpsertNode(RandomNode(random, $"n{i}").Build());
        for (var i = 0; i < 200; i++) ledger.UpsertPod(RandomPod(random, $"p{i}").On($"n{random.Next(100)}").Build());
        Span<ulong> bits = stackalloc ulong[NodePage.BitmapWords];
        for (var i = 0; i < 60; i++)
        {
            var pod = RandomPod(random, $"asked{i}").Build();
            var snapshot = ledger.Publish();
            var filter = new PodFilter(snapshot.Tables, pod.Shape);
            var page = snapshot.Pages[0];
            filter.Fits(page, bits);
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                var rejection = filter.Check(page, row);
                Assert.True(rejection.IsNone == RowBitmap.IsSet(bits, row), $"seed {seed}, row {row}, {pod.Shape}");
                if (page.Node(row) is not null && !rejection.IsNone) Assert.NotEqual("", filter.Describe(rejection, page, row));
            }

            var fitting = Enumerable.Range(0, 100).Where(row => filter.Check(page, row).IsNone).ToList();
            if (fitting.Count == 0) continue;
            var at = fitting[random.Next(fitting.Count)];
            var outcome = ledger.Assume(pod, page.Node(at)!.Name);
            Assert.True(outcome.IsPlaced, $"seed {seed}, {pod.Shape}: {outcome.Reason}");
            Assert.Equal(page.GpuCount[at] == 0 ? 0 : pod.Shape.Gpu.Count, System.Numerics.BitOperations.PopCount(outcome.DeviceMask));
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 30)];

    private static MakeNode Node() => MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(8).Resource(GpuResourceCatalog.GpuMilli, "8000");

    private static MakePod Pod(int gpus, string annotation, string value) => Named(gpus, "p", annotation, value);

    private static MakePod Named(int gpus, string name, string annotation, string value) => MakePod.Named(name).Gpus(gpus).Annotation(annotation, value);

    private static MakePod OnDevices(string name, params int[] devices) => MakePod.Named(name).Gpus(devices.Length)
        .Annotation(DeviceAnnotation.Key, $"[{string.Join(',', devices.Select(device => $$"""{"index":{{device}},"milli":1000}"""))}]");

    private static MakeNode RandomNode(Random random, string name)
    {
        string[] models = ["NVIDIA-H100-80GB-HBM3", "Tesla-V100-SXM2-32GB", "NVIDIA-A100-PCIE-40GB", "Tesla-T4-SHARED", "NVIDIA-L40S"];
        var gpus = random.Next(3) * 4;
        var node = MakeNode.Named(name).Cpu("96").Memory("1Ti").Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * 1000}")
            .Model(models[random.Next(models.Length)]);
        if (random.Next(3) > 0) node.GpuMemoryMiB(random.Next(3) * 24576);
        if (random.Next(3) > 0) node.Label("nvidia.com/gpu.compute.major", $"{random.Next(7, 11)}");
        if (random.Next(3) == 0)
        {
            node.Annotation(
                "gpu-scheduler.io/node-devices",
                $"[{string.Join(',', Enumerable.Range(0, Math.Max(1, gpus)).Select(i => $$"""{"index":{{i}},"uuid":"GPU-{{i}}","memoryMiB":{{random.Next(4) * 16384}},"numa":{{random.Next(-1, 2)}},"link":"{{"ab "[random.Next(3)]}}"}"""))}]");
        }

        return node;
    }

    private static MakePod RandomPod(Random random, string name)
    {
        var pod = MakePod.Named(name).Cpu("1");
        _ = random.Next(3) switch { 0 => pod.Gpus(random.Next(1, 9)), 1 => pod.GpuMilli(random.Next(1, 1000)), _ => pod.Gpus(random.Next(1, 5)) };
        Maybe(ConstraintAnnotations.MinGpuMemory, "20Gi");
        Maybe(ConstraintAnnotations.MinComputeCapability, "8.0");
        Maybe(ConstraintAnnotations.WholeGpuOnly, "true");
        Maybe(ConstraintAnnotations.ExclusiveNode, "true");
        Maybe(ConstraintAnnotations.LinkIsland, random.Next(2) == 0 ? "required" : "preferred");
        Maybe(ConstraintAnnotations.NumaNode, random.Next(2) == 0 ? "required" : "preferred");
        Maybe(ConstraintAnnotations.Placement, random.Next(2) == 0 ? "pack" : "spread");
        Maybe(ConstraintAnnotations.AvoidGpu, "GPU-0,GPU-5");
        return pod;

        void Maybe(string annotation, string value)
        {
            if (random.Next(7) == 0) pod.Annotation(annotation, value);
        }
    }

    private void Put(params MakePod[] pods)
    {
        foreach (var pod in pods) _ledger.UpsertPod(pod.On("n1").Build());
    }

    private void Fits(MakePod pod, MakeNode node) => Assert.Equal("", Check(pod, node).Reason);

    private void Rejects(string reason, RejectionClass @class, MakePod pod, MakeNode node)
    {
        var (rejection, text) = Check(pod, node);
        Assert.Equal((reason, @class), (text, PodFilter.Classify(rejection)));
    }

    private (Rejection Rejection, string Reason) Check(MakePod pod, MakeNode node)
    {
        _ledger.UpsertNode(node.Build());
        var snapshot = _ledger.Publish();
        var filter = new PodFilter(snapshot.Tables, pod.Build().Shape);
        var rejection = filter.Check(snapshot.Pages[0], 0);
        return (rejection, rejection.IsNone ? "" : filter.Describe(rejection, snapshot.Pages[0], 0));
    }
}
