using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Mig;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Ledger;

public sealed class MigLedgerTests
{
    private const string Key = DeviceAnnotation.Key;

    private static readonly MigGeometry A100 = Gpus.Named("A100-40GB");

    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Assume_OnDynamicNode_TellsGpuAndStartInTheBinding()
    {
        _ledger.UpsertNode(Node("n1", 1));

        var outcome = _ledger.Assume(Slice("p", "3g.20gb"), "n1");

        Assert.Equal("""[{"index":0,"profile":"3g.20gb","start":4}]""", outcome.Annotations[Key]);
        Assert.Equal(0xF0, MaskOf("n1", 0));
    }

    [Fact]
    public void Assume_WholeGpuAndSlice_TellsBothInOneAnnotation()
    {
        _ledger.UpsertNode(MakeNode.Named("n1").DynamicMig(A100, 1).Gpus(1).Label("nvidia.com/gpu.count", "2").Build());

        var outcome = _ledger.Assume(MakePod.Named("p").Gpus(1).MigSlices("7g.40gb", 1).Build(), "n1");

        Assert.Equal("""[{"index":0,"milli":1000},{"index":1,"profile":"7g.40gb","start":0}]""", outcome.Annotations[Key]);
    }

    [Fact]
    public void Assume_SlicesThatCountsAllowButPlacesDoNot_SaysWhichSlicesAreUsed()
    {
        _ledger.UpsertNode(Node("n1", 1));
        _ledger.UpsertPod(Slice("two", "2g.10gb", at: 2, on: "n1"));

        var four = _ledger.Assume(Slice("four", "4g.20gb"), "n1");
        var whole = _ledger.Assume(Slice("whole", "7g.40gb"), "n1");

        Assert.Equal("node n1: no GPU has a legal place for 4g.20gb (GPU 0 has room for 6 slices, but slices 2-3 are used)", four.Reason);
        Assert.Equal(AssumeResult.DoesNotFit, whole.Result);
        Assert.Equal(AssumeResult.Assumed, _ledger.Assume(Slice("three", "3g.20gb"), "n1").Result);
    }

    [Theory]
    [InlineData("pending", "MIG configuration pending")]
    [InlineData("failed", "MIG configuration failed")]
    [InlineData("rebooting", "rebooting for MIG configuration")]
    public void Assume_NodeUnderConfiguration_TakesNoPodWithGpus(string state, string reason)
    {
        _ledger.UpsertNode(MakeNode.Named("n1").MigSlices("1g.5gb", 7).Cpu("8").Label(MigObstacles.StateLabel, state).Build());

        Assert.Equal($"node n1: {reason}", _ledger.Assume(Slice("p", "1g.5gb"), "n1").Reason);
        Assert.True(_ledger.Assume(MakePod.Named("cpu").Cpu("1").Build(), "n1").IsPlaced);
    }

    [Fact]
    public void Assume_SingleStrategyWithUnequalGpus_SaysInvalid()
    {
        _ledger.UpsertNode(MakeNode.Named("n1").Model("NVIDIA-A100-SXM4-40GB-MIG-INVALID").Build());

        Assert.Contains("-MIG-INVALID", _ledger.Assume(MakePod.Named("p").Gpus(1).Build(), "n1").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Assume_SingleStrategy_CountsSlicesByTheGpuResource()
    {
        _ledger.UpsertNode(MakeNode.Named("n1").Model("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb").Gpus(2).Label(MigObstacles.StateLabel, "success").Build());

        Assert.True(_ledger.Assume(MakePod.Named("a").Gpus(1).Build(), "n1").IsPlaced);
        Assert.True(_ledger.Assume(MakePod.Named("b").Gpus(1).Build(), "n1").IsPlaced);
        Assert.Equal("node n1: Insufficient nvidia.com/gpu", _ledger.Assume(MakePod.Named("c").Gpus(1).Build(), "n1").Reason);
    }

    [Theory]
    [InlineData("nvidia.com/mig-1g.24gb.me")]
    [InlineData("nvidia.com/mig-1g.24gb.me.all")]
    [InlineData("nvidia.com/mig-1g.24gb-me")]
    [InlineData("nvidia.com/mig-1g.24gb.gfx")]
    public void Assume_FixedSlices_AreCountedByEverySuffix(string resource)
    {
        _ledger.UpsertNode(MakeNode.Named("n1").Resource(resource, "1").Build());

        var placed = _ledger.Assume(MakePod.Named("a").Request(resource, "1").Build(), "n1");

        Assert.Empty(placed.Annotations);
        Assert.Equal($"node n1: Insufficient {resource}", _ledger.Assume(MakePod.Named("b").Request(resource, "1").Build(), "n1").Reason);
    }

    [Fact]
    public void UpsertPod_AnnotationOfAnotherLayout_GivesWayToProof()
    {
        _ledger.UpsertNode(Node("n1", 1));
        _ledger.UpsertPod(Slice("guessed", "3g.20gb", on: "n1"));
        Assert.Equal(0xF0, MaskOf("n1", 0));

        _ledger.UpsertPod(Slice("proven", "3g.20gb", at: 4, on: "n1"));

        Assert.Equal(0xFF, MaskOf("n1", 0));
        AssertNoDrift();
    }

    [Fact]
    public void UpsertPod_TwoPodsThatClaimOnePlace_TakeIsOnceAndNothingMoreGoesThere()
    {
        _ledger.UpsertNode(Node("n1", 1));
        _ledger.UpsertPod(Slice("a", "4g.20gb", at: 0, on: "n1"));
        _ledger.UpsertPod(Slice("b", "3g.20gb", at: 0, on: "n1"));

        Assert.Equal(0x0F, MaskOf("n1", 0));
        Assert.Contains(SnapshotComparer.Compare(_ledger.Publish(), _ledger.Nodes, _ledger.Pods.Select(pod => pod.Pod)), drift => drift.Contains("where something else is", StringComparison.Ordinal));
    }

    [Fact]
    public void UpsertNode_DynamicWithoutGeometry_IsFixedAndSaysWhy()
    {
        _ledger.UpsertNode(MakeNode.Named("n1").Model("NVIDIA-FUTURE").MigSlices("1g.5gb", 7).Label("nvidia.com/gpu.count", "1").Label(MigNode.DynamicKey, "true").Build());

        var mig = _ledger.Publish().Names.Rows[0].Mig;

        Assert.Equal(MigMode.Fixed, mig.Mode);
        Assert.Contains("resources.migGeometries", mig.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void UpsertNode_InstancesTheNodeTellsOf_AreTaken()
    {
        _ledger.UpsertNode(MakeNode.Named("n1").DynamicMig(A100, 2)
            .Annotation(MigNodeAnnotation.Key, """[{"index":3,"migEnabled":true,"mig":[{"profile":"7g.40gb","start":0}]},{"index":5,"migEnabled":true}]""").Build());

        Assert.Equal("""[{"index":5,"profile":"7g.40gb","start":0}]""", _ledger.Assume(Slice("p", "7g.40gb"), "n1").Annotations[Key]);
        Assert.False(_ledger.Assume(Slice("q", "1g.5gb"), "n1").IsPlaced);
    }

    [Fact]
    public void UpsertNode_FixedLayouts_AreInferredFromCounts()
    {
        _ledger.UpsertNode(MakeNode.Named("n1").Model("NVIDIA-A100-SXM4-40GB").GpuMemoryMiB(40960).Label("nvidia.com/gpu.count", "2").MigSlices("7g.40gb", 2).Build());

        var mig = _ledger.Publish().Names.Rows[0].Mig;

        Assert.Equal((MigMode.Fixed, MigInferenceStatus.Certain, 2, true), (mig.Mode, mig.Inference.Status, mig.GpuCount, mig.AreGpusInferred));
        Assert.Equal(0xFF, mig.Inference.CertainlyTaken);
    }

    [Fact]
    public void Media_OneInstancePerGpu_IsHeld()
    {
        _ledger.UpsertNode(Node("n1", 1));

        Assert.True(_ledger.Assume(Slice("a", "1g.5gb.me"), "n1").IsPlaced);
        Assert.False(_ledger.Assume(Slice("b", "1g.5gb.me"), "n1").IsPlaced);
        Assert.True(_ledger.Assume(Slice("c", "1g.5gb"), "n1").IsPlaced);
    }

    internal static Node Node(string name, int gpus) => MakeNode.Named(name).DynamicMig(A100, gpus).Cpu("64").Build();

    internal static Pod Slice(string name, string resource, int? at = null, string? on = null)
    {
        var pod = MakePod.Named(name).MigSlices(resource, 1);
        if (on is not null) pod.On(on);
        if (at is not null) pod.Annotation(Key, $$"""[{"index":0,"profile":"{{resource.Replace(".me", "+me", StringComparison.Ordinal)}}","start":{{at}}}]""");
        return pod.Build();
    }

    private int MaskOf(string node, int gpu)
    {
        var snapshot = _ledger.Publish();
        var row = snapshot.Names.Rows.ToArray().Single(row => row.Name == node).Row;
        return snapshot.PageOf(row).MigMasks(row & NodePage.RowMask)[gpu];
    }

    private void AssertNoDrift() => Assert.Empty(SnapshotComparer.Compare(_ledger.Publish(), _ledger.Nodes, _ledger.Pods.Select(pod => pod.Pod)));
}
