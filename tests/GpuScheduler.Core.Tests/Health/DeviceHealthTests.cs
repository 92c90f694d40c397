using GpuScheduler.Core.Auditing;
using GpuScheduler.Core.Health;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Health;

public sealed class DeviceHealthTests
{
    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Upsert_AnnotationByIndexOrUuid_TakesThoseDevicesAway()
    {
        var node = Node().Annotation("gpu-scheduler.io/node-devices", """[{"index":0},{"index":1},{"index":2,"uuid":"GPU-c"},{"index":3,"healthy":false}]""")
            .Annotation(DeviceHealth.Annotation, "0, GPU-c,GPU-none,77");
        _ledger.UpsertNode(node.Build());
        Assert.Equal([0, 1000, 0, 0], FreeMilli());
        Assert.Equal(0b10u, _ledger.Assume(MakePod.Named("p").Gpus(1).Build(), "n1").DeviceMask);
        Assert.Equal(AssumeResult.DoesNotFit, _ledger.Assume(MakePod.Named("q").GpuMilli(100).Build(), "n1").Result);
    }

    [Fact]
    public void Upsert_HealthComesBack_DevicesDoToo()
    {
        _ledger.UpsertNode(Node().Annotation(DeviceHealth.Annotation, "0,1,2,3").Build());
        Assert.Equal([0, 0, 0, 0], FreeMilli());
        _ledger.UpsertNode(Node().Build());
        Assert.Equal([1000, 1000, 1000, 1000], FreeMilli());
    }

    [Fact]
    public void ReportUnhealthy_BesidesTheNodesOwnAnnotation_CountsUntilWithdrawn()
    {
        _ledger.ReportUnhealthy("n1", "3");
        _ledger.UpsertNode(Node().Annotation(DeviceHealth.Annotation, "0").Build());
        Assert.Equal([0, 1000, 1000, 0], FreeMilli());
        _ledger.UpsertNode(Node().Annotation(DeviceHealth.Annotation, "1").ResourceVersion("2").Build());
        Assert.Equal([1000, 0, 1000, 0], FreeMilli());
        _ledger.ReportUnhealthy("n1", "");
        Assert.Equal([1000, 0, 1000, 1000], FreeMilli());
        Assert.Equal("1", Assert.Single(_ledger.Nodes).Annotations[DeviceHealth.Annotation]);
    }

    [Fact]
    public void ReportUnhealthy_NodeDeletedAndMadeAnew_StillCounts()
    {
        _ledger.UpsertNode(Node().Build());
        _ledger.ReportUnhealthy("n1", "0");
        _ledger.DeleteNode("n1");
        _ledger.UpsertNode(Node().Uid("other").Build());
        Assert.Equal([0, 1000, 1000, 1000], FreeMilli());
    }

    [Theory]
    [InlineData("XIDErrors", "True", 0)]
    [InlineData("XIDErrors", "False", 1000)]
    [InlineData("AcceleratedHardwareReady", "False", 0)]
    [InlineData("AcceleratedHardwareReady", "True", 1000)]
    public void Upsert_ConditionOnTheList_TakesAllDevicesAway(string type, string status, int free)
    {
        _ledger.UpsertNode(Node().Condition(type, status).Build());
        Assert.Equal([free, free, free, free], FreeMilli());
    }

    [Fact]
    public void Upsert_ConditionsOfAnOperatorsOwn_StandInForTheUsualOnes()
    {
        var ledger = new ClusterLedger(new LedgerOptions { UnhealthyConditions = ["GpuOnFire=Unknown"] });
        ledger.UpsertNode(Node().Condition("XIDErrors", "True").Build());
        Assert.True(ledger.Assume(MakePod.Named("p").Gpus(1).Build(), "n1").IsPlaced);
        ledger.UpsertNode(Node().Condition("GpuOnFire", "Unknown").ResourceVersion("2").Build());
        Assert.Equal(AssumeResult.DoesNotFit, ledger.Assume(MakePod.Named("q").Gpus(1).Build(), "n1").Result);
    }

    [Fact]
    public void Check_ReplicasOnANodeWithABadCondition_AreRefusedToo()
    {
        _ledger.UpsertNode(Node().Model("Tesla-T4-SHARED").Condition("XIDErrors", "True").Build());
        var outcome = _ledger.Assume(MakePod.Named("p").Gpus(1).Build(), "n1");
        Assert.Equal("node n1: node(s) had a condition that says their GPUs are not healthy", outcome.Reason);
        _ledger.UpsertNode(Node().Model("Tesla-T4-SHARED").Build());
        Assert.True(_ledger.Assume(MakePod.Named("p").Gpus(1).Build(), "n1").IsPlaced);
    }

    [Fact]
    public void Upsert_AllocatableBelowCapacity_AsManyDevicesAreUnusable()
    {
        _ledger.UpsertNode(Offering(allocatable: 2));
        Assert.Equal([1000, 1000, 0, 0], FreeMilli());
        _ledger.UpsertNode(Offering(allocatable: 4));
        Assert.Equal([1000, 1000, 1000, 1000], FreeMilli());
    }

    [Fact]
    public void Upsert_PluginGoneForAMoment_PodsKeepTheirDevices()
    {
        _ledger.UpsertNode(Offering(allocatable: 4));
        _ledger.UpsertPod(MakePod.Named("p").Gpus(1).Annotation(DeviceAnnotation.Key, """[{"index":2,"milli":1000}]""").On("n1").Build());
        _ledger.UpsertNode(Offering(allocatable: 0));
        Assert.Equal([0, 0, 0, 0], FreeMilli());
        _ledger.UpsertNode(Offering(allocatable: 4));
        Assert.Equal([1000, 1000, 0, 1000], FreeMilli());
    }

    [Fact]
    public void Audit_PodOnUnhealthyDevice_IsListed()
    {
        _ledger.UpsertNode(Node().Annotation(DeviceHealth.Annotation, "1").Build());
        _ledger.UpsertPod(MakePod.Named("p").Gpus(1).Annotation(DeviceAnnotation.Key, """[{"index":1,"milli":1000}]""").On("n1").Build());
        var finding = Assert.Single(SnapshotAudit.Run(_ledger.Publish(), GpuResourceCatalog.Default).Findings);
        Assert.Equal((FindingKind.UnhealthyInUse, 1, "device 1 of node n1 is not healthy and held by default/p"), (finding.Kind, finding.Device, finding.Message));
    }

    private static MakeNode Node() => MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(4).Resource(GpuResourceCatalog.GpuMilli, "4000");

    private static Node Offering(int allocatable) => new()
    {
        Name = "n1",
        Allocatable = [new(ResourceNames.Pods, 110), new(GpuResourceCatalog.NvidiaGpu, allocatable)],
        Capacity = [new(ResourceNames.Pods, 110), new(GpuResourceCatalog.NvidiaGpu, 4)],
    };

    private int[] FreeMilli() => [.. _ledger.Publish().Pages[0].DeviceFreeMilli(0).ToArray().Select(milli => (int)milli)];
}
