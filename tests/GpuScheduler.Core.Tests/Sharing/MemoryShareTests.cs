using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Sharing;

public sealed class MemoryShareTests
{
    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Assume_SharesOfOneDevice_FillItExactly()
    {
        Add(MakeNode.Named("n").GpuShare(1, 15));

        for (var i = 0; i < 15; i++) Assert.Equal(0b1u, Assume(MakePod.Named($"p{i}").GpuMem(1)).DeviceMask);

        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("q").GpuMem(1)).Result);
        Assert.Equal((0, 0), (Page.DeviceFreeMilli(0)[0], Page.DeviceFreeMemory(0)[0]));
    }

    [Fact]
    public void Assume_SeveralDevicesFit_TakesTheFullestAndOfEqualsTheFirst()
    {
        Add(MakeNode.Named("n").GpuShare(3, 15));
        Assert.Equal(0b001u, Assume(MakePod.Named("a").GpuMem(10)).DeviceMask);
        Assert.Equal(0b010u, Assume(MakePod.Named("b").GpuMem(8)).DeviceMask);

        Assert.Equal(0b001u, Assume(MakePod.Named("c").GpuMem(5)).DeviceMask);
        Assert.Equal(0b010u, Assume(MakePod.Named("d").GpuMem(6)).DeviceMask);
        Assert.Equal(0b100u, Assume(MakePod.Named("e").GpuMem(2)).DeviceMask);
    }

    [Fact]
    public void Assume_WholeAndShareOfOneNode_NeverMeetOnOneDevice()
    {
        Add(MakeNode.Named("n").GpuShare(2, 15).Gpus(2));
        Assert.Equal(0b01u, Assume(MakePod.Named("share").GpuMem(3)).DeviceMask);

        Assert.Equal(0b10u, Assume(MakePod.Named("whole").Gpus(1)).DeviceMask);
        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("second").Gpus(1)).Result);
        Assert.Equal(0b01u, Assume(MakePod.Named("rest").GpuMem(12)).DeviceMask);
        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("more").GpuMem(1)).Result);
    }

    [Fact]
    public void Assume_ThousandthsAndMemoryOnOneDevice_AreOneAccount()
    {
        Add(MakeNode.Named("n").GpuShare(1, 16).Resource("gpu-scheduler.io/gpu-milli", "1000"));
        Assume(MakePod.Named("half").GpuMilli(500));

        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("nine").GpuMem(9)).Result);
        Assert.Equal(AssumeResult.Assumed, Assume(MakePod.Named("eight").GpuMem(8)).Result);
        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("crumb").GpuMilli(1)).Result);
    }

    [Fact]
    public void Assume_DevicesOfUnequalMemory_KnowsEach()
    {
        Add(MakeNode.Named("n").GpuShare(2, 31).Annotation(
            "gpu-scheduler.io/node-devices", """[{"index":0,"memoryMiB":16384},{"index":1,"memoryMiB":47104,"uuid":"GPU-b"}]"""));

        Assert.Equal([16, 46], Page.DeviceMemory(0).ToArray());
        Assert.Equal(0b10u, Assume(MakePod.Named("a").GpuMem(40)).DeviceMask);
        Assert.Equal(0b01u, Assume(MakePod.Named("b").GpuMem(7)).DeviceMask);
        Assert.Equal("GPU-b", Page.Node(0)!.Devices.Devices[1].Uuid);
        Assert.False(Page.Node(0)!.Devices.Devices[1].IsInferred);
    }

    [Fact]
    public void Assume_UnhealthyDevice_IsNotGivenOut()
    {
        Add(MakeNode.Named("n").Resource("volcano.sh/gpu-number", "2").Resource("volcano.sh/gpu-memory", "32000").Annotation("volcano.sh/gpu-unhealthy-ids", "0"));

        Assert.Equal(0b10u, Assume(MakePod.Named("a").Request("volcano.sh/gpu-memory", "16000")).DeviceMask);
        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("b").Request("volcano.sh/gpu-memory", "1")).Result);
    }

    [Fact]
    public void Assume_Vgpu_CountsCoresTasksAndPercent()
    {
        Add(MakeNode.Named("n").Vgpu(16_384, 32_768));

        Assert.Equal(0b11u, Assume(MakePod.Named("a").Vgpu(2, percent: 50, cores: 50)).DeviceMask);
        Assert.Equal([8_192, 16_384], Page.DeviceFreeMemory(0).ToArray());
        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("exclusive").Vgpu(1, memoryMiB: 100, cores: 100)).Result);
        Assert.Equal(0b01u, Assume(MakePod.Named("b").Vgpu(1, memoryMiB: 100, cores: 50)).DeviceMask);
        Assert.Equal(0b10u, Assume(MakePod.Named("no cores left on device 0").Vgpu(1, memoryMiB: 100)).DeviceMask);
        Assert.Equal(AssumeResult.DoesNotFit, Assume(MakePod.Named("whole memory").Vgpu(1)).Result);
    }

    [Fact]
    public void Assume_OtherDialect_SaysSo()
    {
        Add(MakeNode.Named("n").GpuShare(1, 15).Resource("volcano.sh/gpu-number", "1").Resource("volcano.sh/gpu-memory", "15000"));

        var outcome = Assume(MakePod.Named("p").Request("volcano.sh/gpu-memory", "100"));

        Assert.Equal("node n: node(s) did not share their GPUs by volcano.sh/gpu-memory", outcome.Reason);
    }

    [Fact]
    public void Assume_GpuShareOnANodeWithABadCondition_SaysSo()
    {
        Add(MakeNode.Named("n").GpuShare(1, 15).Condition("XIDErrors", "True"));

        Assert.Contains("node(s) had a condition that says their GPUs are not healthy", Assume(MakePod.Named("p").GpuMem(1)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Assume_GpuShareBesideAnExclusivePod_SaysSo()
    {
        Add(MakeNode.Named("n").GpuShare(2, 15));
        Assert.True(Assume(MakePod.Named("first").GpuMem(1).Annotation(ConstraintAnnotations.ExclusiveNode, "true")).IsPlaced);

        Assert.Equal("node n: node(s) had another pod that has their GPUs exclusively", Assume(MakePod.Named("p").GpuMem(1)).Reason);
    }

    [Fact]
    public void UpsertPod_OfADialectTheNodeDoesNotCountIn_HoldsTheWholeDevice()
    {
        Add(MakeNode.Named("n").GpuShare(1, 15));

        _ledger.UpsertPod(MakePod.Named("p").Request("volcano.sh/gpu-memory", "100").On("n").Build());

        Assert.Equal((0, 0), (Page.DeviceFreeMilli(0)[0], Page.DeviceFreeMemory(0)[0]));
    }

    [Fact]
    public void Assume_Share_WritesMemoryInMiBAndReadsItBack()
    {
        Add(MakeNode.Named("n").GpuShare(2, 15));
        Assume(MakePod.Named("other").GpuMem(4));
        var pod = MakePod.Named("p").GpuMem(12).Build();

        var outcome = _ledger.Assume(pod, "n");

        Assert.Equal("""[{"index":1,"memoryMiB":12288}]""", outcome.Annotations[DeviceAnnotation.Key]);
        Assert.True(DeviceAnnotation.TryRead(pod.BoundTo("n", outcome.Annotations), 2, out var mask));
        Assert.Equal(0b10u, mask);
    }

    [Fact]
    public void UpsertNode_MemoryOfADeviceChanges_RecountsItsPods()
    {
        Add(MakeNode.Named("n").GpuShare(1, 15).ResourceVersion("1"));
        Assume(MakePod.Named("p").GpuMem(6));

        Add(MakeNode.Named("n").GpuShare(1, 10).ResourceVersion("2"));

        Assert.Equal((4, 400), (Page.DeviceFreeMemory(0)[0], Page.DeviceFreeMilli(0)[0]));
    }

    [Fact]
    public void Build_ReplicaNode_IsKnownAsShared()
    {
        Add(MakeNode.Named("n").Gpus(8).Model("Tesla-T4-SHARED"));

        Assert.Equal((int)Core.Sharing.SharingDialect.Replicas, Page.Sharing[0]);
    }

    private NodePage Page => _ledger.Publish().Pages[0];

    private void Add(MakeNode node) => _ledger.UpsertNode(node.Cpu("64").Memory("256Gi").Build());

    private AssumeOutcome Assume(MakePod pod) => _ledger.Assume(pod.Build(), "n");
}
