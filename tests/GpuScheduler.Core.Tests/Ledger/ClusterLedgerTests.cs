using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Ledger;

public sealed class ClusterLedgerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ClusterLedger _ledger = new();

    public ClusterLedgerTests() => _ledger.UpsertNode(Node("n1").Build());

    [Fact]
    public void Assume_PodFits_HoldsResourcesAndDevices()
    {
        var outcome = _ledger.Assume(MakePod.Named("p").Gpus(2).Cpu("4").Build(), "n1");

        Assert.Equal(AssumeResult.Assumed, outcome.Result);
        Assert.Equal(0b11u, outcome.DeviceMask);
        Assert.Equal([6, 92_000, 109], Free("n1", GpuResourceCatalog.NvidiaGpu, ResourceNames.Cpu, ResourceNames.Pods));
    }

    [Fact]
    public void Assume_AskedTwice_HoldsOnce()
    {
        var pod = MakePod.Named("p").Gpus(2).Build();
        _ledger.Assume(pod, "n1");

        var again = _ledger.Assume(pod, "n1");

        Assert.Equal(AssumeResult.AlreadyThere, again.Result);
        Assert.Equal(0b11u, again.DeviceMask);
        Assert.Equal([6], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void Assume_OnAnotherNodeThanBefore_IsRefused()
    {
        _ledger.UpsertNode(Node("n2").Build());
        var pod = MakePod.Named("p").Gpus(2).Build();
        _ledger.Assume(pod, "n1");

        var outcome = _ledger.Assume(pod, "n2");

        Assert.Equal(AssumeResult.Elsewhere, outcome.Result);
        Assert.Contains("already on node n1", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Assume_TooFewGpus_SaysWhatIsMissing()
    {
        _ledger.Assume(MakePod.Named("p").Gpus(6).Build(), "n1");

        var outcome = _ledger.Assume(MakePod.Named("q").Gpus(3).Build(), "n1");

        Assert.Equal(AssumeResult.DoesNotFit, outcome.Result);
        Assert.Equal("node n1: Insufficient nvidia.com/gpu", outcome.Reason);
    }

    [Fact]
    public void Assume_UnknownNode_IsRefused() =>
        Assert.Equal(AssumeResult.UnknownNode, _ledger.Assume(MakePod.Named("p").Build(), "nowhere").Result);

    [Fact]
    public void Assume_DeletedPod_IsRefused()
    {
        _ledger.DeletePod("gone");

        Assert.Equal(AssumeResult.PodGone, _ledger.Assume(MakePod.Named("p").Uid("gone").Build(), "n1").Result);
    }

    [Fact]
    public void Assume_Shares_FillOneDeviceBeforeTheNext()
    {
        var masks = Enumerable.Range(0, 3).Select(i => _ledger.Assume(MakePod.Named($"p{i}").GpuMilli(400).Build(), "n1").DeviceMask);

        Assert.Equal([1u, 1u, 2u], masks);
    }

    [Fact]
    public void Assume_WholeGpusBesideAShare_AvoidsThePartlyUsedDevice()
    {
        _ledger.Assume(MakePod.Named("share").GpuMilli(400).Build(), "n1");

        Assert.Equal(0b1111_1110u, _ledger.Assume(MakePod.Named("seven").Gpus(7).Build(), "n1").DeviceMask);
        var outcome = _ledger.Assume(MakePod.Named("one").Gpus(1).Build(), "n1");

        Assert.Contains("partly used", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Forget_AssumedPod_GivesEverythingBack()
    {
        _ledger.Assume(MakePod.Named("p").Gpus(8).Uid("u").Build(), "n1");

        _ledger.Forget("u");

        Assert.Equal([8, 110], Free("n1", GpuResourceCatalog.NvidiaGpu, ResourceNames.Pods));
    }

    [Fact]
    public void Forget_ConfirmedPod_ChangesNothing()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).Uid("u").On("n1").Build());

        _ledger.Forget("u");

        Assert.Equal([0], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_ConfirmsAssumedPodWithoutAnnotation_KeepsTheChosenDevices()
    {
        _ledger.Assume(MakePod.Named("first").Gpus(1).Build(), "n1");
        var second = MakePod.Named("second").Gpus(1);
        _ledger.Assume(second.Build(), "n1");
        _ledger.DeletePod(MakePod.Named("first").Build().Uid);

        _ledger.UpsertPod(second.On("n1").Build());

        Assert.Equal([1], Placed("n1").Single().Devices);
    }

    [Fact]
    public void UpsertPod_BoundElsewhereThanAssumed_MovesToTheTruth()
    {
        _ledger.UpsertNode(Node("n2").Build());
        _ledger.Assume(MakePod.Named("p").Gpus(8).Build(), "n1");

        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).On("n2").Build());

        Assert.Equal([8], Free("n1", GpuResourceCatalog.NvidiaGpu));
        Assert.Equal([0], Free("n2", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_PendingEventForAssumedPod_KeepsItsPlace()
    {
        _ledger.Assume(MakePod.Named("p").Gpus(8).ResourceVersion("5").Build(), "n1");

        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).ResourceVersion("6").Build());

        Assert.Equal([0], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_AnnotatedDevices_AreTakenAsTruth()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(1).On("n1").Annotation(DeviceAnnotation.Key, """[{"index":5,"milli":1000}]""").Build());

        Assert.Equal([5], Placed("n1").Single().Devices);
        Assert.False(Placed("n1").Single().DevicesInferred);
    }

    [Theory]
    [InlineData("""[{"index":8,"milli":1000}]""")]
    [InlineData("""[{"index":0,"milli":1000},{"index":1,"milli":1000}]""")]
    [InlineData("""[{"index":0,"milli":300}]""")]
    [InlineData("""{"index":0}""")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void UpsertPod_AnnotationThatCannotBe_IsInferredInstead(string annotation)
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(1).On("n1").Annotation(DeviceAnnotation.Key, annotation).Build());

        Assert.True(Placed("n1").Single().DevicesInferred);
    }

    [Fact]
    public void UpsertPod_Terminal_ReleasesItsGpus()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).On("n1").Build());

        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).On("n1").Terminal().Build());

        Assert.Equal([8], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_OlderVersion_IsIgnored()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(4).ResourceVersion("10").On("n1").Build());

        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).ResourceVersion("9").On("n1").Build());

        Assert.Equal([4], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_EtcdWasRestored_TakesTheOlderVersionAndTheDeletedPodAsTheTruth()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(4).ResourceVersion("10").On("n1").Build(), isInOrder: true);
        _ledger.UpsertPod(MakePod.Named("q").Uid("q").Gpus(1).ResourceVersion("11").On("n1").Build(), isInOrder: true);
        _ledger.DeletePod("q");

        _ledger.UpsertPod(MakePod.Named("p").Gpus(2).ResourceVersion("5").On("n1").Build(), isInOrder: true);
        _ledger.UpsertPod(MakePod.Named("q").Uid("q").Gpus(1).ResourceVersion("6").On("n1").Build(), isInOrder: true);

        Assert.Equal([5], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_AfterItsDeletion_DoesNotComeBack()
    {
        _ledger.DeletePod("u");

        _ledger.UpsertPod(MakePod.Named("p").Uid("u").Gpus(8).On("n1").Build());

        Assert.Equal([8], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertPod_SameNameNewUid_ReplacesTheOldOne()
    {
        _ledger.UpsertPod(MakePod.Named("p").Uid("old").Gpus(8).On("n1").Build());

        _ledger.UpsertPod(MakePod.Named("p").Uid("new").Gpus(2).On("n1").Build());

        Assert.Equal([6], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void UpsertNode_AfterItsPods_CountsThem()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(3).On("late").Build());

        _ledger.UpsertNode(Node("late").Build());

        Assert.Equal([5, 109], Free("late", GpuResourceCatalog.NvidiaGpu, ResourceNames.Pods));
        Assert.Equal(3, Placed("late").Single().Devices.Count());
    }

    [Fact]
    public void DeleteNode_WithPods_CountsThemAgainWhenItReturns()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(3).On("n1").Build());
        _ledger.DeleteNode("n1");
        Assert.Null(_ledger.Publish().Names.Find("n1"u8));

        _ledger.UpsertNode(Node("n1").Build());

        Assert.Equal([5], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void DeleteNode_OfAnEarlierUid_LeavesTheNewOne()
    {
        _ledger.UpsertNode(Node("n2").Uid("new").Build());

        _ledger.DeleteNode("n2", "old");

        Assert.NotNull(_ledger.Publish().Names.Find("n2"u8));
    }

    [Fact]
    public void UpsertNode_LosesGpus_ShowsOverCommitAsNegative()
    {
        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).On("n1").Build());

        _ledger.UpsertNode(MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(6).Build());

        Assert.Equal([-2], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void ExpireAssumed_BindingUnderWay_DoesNotExpire()
    {
        _ledger.Assume(MakePod.Named("p").Gpus(8).Uid("u").Build(), "n1");

        Assert.Empty(_ledger.ExpireAssumed(Noon.AddYears(1)));
    }

    [Fact]
    public void ExpireAssumed_LongAfterBindingFinished_GivesThePlaceBack()
    {
        _ledger.Assume(MakePod.Named("p").Gpus(8).Uid("u").Build(), "n1");
        _ledger.FinishBinding("u", Noon);

        Assert.Empty(_ledger.ExpireAssumed(Noon.AddSeconds(59)));
        Assert.Equal(["u"], _ledger.ExpireAssumed(Noon.AddSeconds(60)));
        Assert.Equal([8], Free("n1", GpuResourceCatalog.NvidiaGpu));
    }

    [Fact]
    public void ExpireAssumed_ConfirmedMeanwhile_KeepsIt()
    {
        _ledger.Assume(MakePod.Named("p").Gpus(8).Uid("u").Build(), "n1");
        _ledger.FinishBinding("u", Noon);
        _ledger.UpsertPod(MakePod.Named("p").Gpus(8).Uid("u").On("n1").Build());

        Assert.Empty(_ledger.ExpireAssumed(Noon.AddYears(1)));
    }

    [Fact]
    public void Publish_NothingChanged_ReturnsTheSameSnapshot()
    {
        var first = _ledger.Publish();

        Assert.Same(first, _ledger.Publish());
    }

    [Fact]
    public void Publish_OneNodeChanged_SharesTheOtherPages()
    {
        for (var i = 0; i < 600; i++) _ledger.UpsertNode(Node($"node-{i}").Build());
        var before = _ledger.Publish();

        _ledger.Assume(MakePod.Named("p").Gpus(1).Build(), "node-0");
        var after = _ledger.Publish();

        Assert.NotSame(before.Pages[0], after.Pages[0]);
        Assert.Equal(before.Generation + 1, after.Pages[0].Generation);
        Assert.Same(before.Pages[1], after.Pages[1]);
        Assert.Same(before.Pages[2], after.Pages[2]);
    }

    [Fact]
    public void UpsertPod_ConfirmsWhatWasAssumed_ShowsItAndLeavesTheNumbersOfItsPage()
    {
        var pod = MakePod.Named("p").Gpus(2);
        var assumed = _ledger.Assume(pod.Build(), "n1");
        var before = _ledger.Publish();

        _ledger.UpsertPod(pod.Build().BoundTo("n1", assumed.Annotations));

        Assert.NotSame(before, _ledger.Publish());
        Assert.False(Placed("n1").Single().IsAssumed);
        Assert.Equal(before.Pages[0].Generation, _ledger.Publish().Pages[0].Generation);
        Assert.True(before.Pages[0].Pods(0)[0].IsAssumed);
    }

    [Fact]
    public void UpsertPod_PlacedPodIsToldAnew_ShowsItAndLeavesTheNumbersOfItsPage()
    {
        var pod = MakePod.Named("p").Gpus(2).On("n1");
        _ledger.UpsertPod(pod.Annotation(DeviceAnnotation.Key, """[{"index":0,"milli":1000},{"index":1,"milli":1000}]""").Build());
        var before = _ledger.Publish();

        var newer = pod.Label("seen", "again").Build();
        _ledger.UpsertPod(newer);

        Assert.Equal("again", Placed("n1").Single().Pod.Labels["seen"]);
        Assert.Equal(before.Pages[0].Generation, _ledger.Publish().Pages[0].Generation);
    }

    [Fact]
    public void UpsertPod_ConfirmedOnOtherDevicesThanAssumed_MovesToTheTruth()
    {
        var pod = MakePod.Named("p").Gpus(1);
        _ledger.Assume(pod.Build(), "n1");

        _ledger.UpsertPod(pod.Annotation(DeviceAnnotation.Key, """[{"index":5,"milli":1000}]""").On("n1").Build());

        Assert.Equal([5], Placed("n1").Single().Devices);
        Assert.Equal(7, _ledger.Publish().Pages[0].GpuWholeFree[0]);
    }

    [Fact]
    public void Publish_LaterChanges_DoNotReachAnEarlierSnapshot()
    {
        var before = _ledger.Publish();
        var row = before.Names.Find("n1"u8)!.Row;

        _ledger.Assume(MakePod.Named("p").Gpus(8).Cpu("10").Build(), "n1");
        _ledger.UpsertNode(Node("n1").Label("zone", "z").Taint("a", "b", "NoSchedule").Build());
        _ledger.Publish();
        _ledger.DeleteNode("n1");
        _ledger.Publish();

        Assert.Equal(8, before.PageOf(row).GpuWholeFree[row]);
        Assert.Equal(96_000, before.PageOf(row).Free(ResourceTable.Cpu)[row]);
        Assert.Equal(0, before.PageOf(row).TaintSetId[row]);
        Assert.Equal("n1", before.PageOf(row).Node(row)!.Name);
        Assert.True(before.PageOf(row).Pods(row).IsEmpty);
    }

    private static MakeNode Node(string name) =>
        MakeNode.Named(name).Cpu("96").Memory("1Ti").Gpus(8).Resource(GpuResourceCatalog.GpuMilli, "8000");

    private int[] Free(string node, params string[] resources)
    {
        var snapshot = _ledger.Publish();
        var row = snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(node))!.Row;
        return [.. resources.Select(resource => snapshot.PageOf(row).Free(snapshot.Tables.Resources.SlotOf(resource))[row & NodePage.RowMask])];
    }

    private PlacedPod[] Placed(string node)
    {
        var snapshot = _ledger.Publish();
        var row = snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(node))!.Row;
        return snapshot.PageOf(row).Pods(row & NodePage.RowMask).ToArray();
    }
}
