using System.Reflection;
using GpuScheduler.Core.Auditing;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Auditing;

public sealed class SnapshotAuditTests
{
    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Run_TwoWholePodsOnOneDevice_IsOvercommitted()
    {
        Put(Holding("a", 2), Holding("b", 2), Holding("c", 3));
        var report = Audit();
        Assert.Equal((4, 1), (report.Devices, report.OvercommittedDevices));
        var finding = Assert.Single(report.Findings);
        Assert.Equal(
            (FindingKind.OvercommittedDevice, 2, "device 2 of node n1 is given out beyond what it has, to default/a, default/b"),
            (finding.Kind, finding.Device, finding.Message));
    }

    [Fact]
    public void Run_AnnotationNamesADeviceTheNodeLacks_IsAPhantom()
    {
        Put(Holding("a", 7));
        Assert.Equal(FindingKind.PhantomAssignment, Assert.Single(Audit().Findings).Kind);
        Assert.Equal(0, Audit().OvercommittedDevices);
    }

    [Fact]
    public void Run_MoreThanAllocatable_SaysHowMuch()
    {
        Put(MakePod.Named("a").Gpus(5));
        Assert.Equal("node n1: pods hold 5 nvidia.com/gpu of 4", Assert.Single(Audit().Findings).Message);
    }

    [Fact]
    public void Recount_SpoiltSums_AreFoundAndMadeRight()
    {
        Put(Holding("a", 1), MakePod.Named("b").GpuMilli(300).Cpu("2"));
        Assert.Empty(Audit().Findings);
        Spoil();
        Assert.Equal([FindingKind.WrongSum, FindingKind.WrongSum], Audit().Findings.Select(finding => finding.Kind));

        Assert.True(_ledger.Recount("n1"));
        Assert.Empty(Audit().Findings);
        Assert.False(_ledger.Recount("gone"));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Run_AnyCorrectHistory_FindsNothing(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 20; i++)
        {
            _ledger.UpsertNode(MakeNode.Named($"n{i}").Cpu("64").Memory("256Gi").Gpus(random.Next(9)).Resource(GpuResourceCatalog.GpuMilli, "8000").Build());
        }

        var live = new List<string>();
        for (var step = 0; step < 300; step++)
        {
            var make = MakePod.Named($"p{step}").Cpu("1");
            var pod = (random.Next(3) switch { 0 => make.Gpus(random.Next(1, 5)), 1 => make.GpuMilli(random.Next(1, 1000)), _ => make }).Build();
            var node = $"n{random.Next(20)}";
            var outcome = _ledger.Assume(pod, node);
            if (outcome.IsPlaced)
            {
                live.Add(pod.Uid);
                if (random.Next(3) > 0) _ledger.UpsertPod(pod.BoundTo(node, outcome.Annotations));
            }

            if (live.Count > 0 && random.Next(3) == 0)
            {
                _ledger.DeletePod(live[^1]);
                live.RemoveAt(live.Count - 1);
            }

            if (step % 20 == 0) Assert.Empty(Audit().Findings);
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 20)];

    private static MakePod Holding(string name, int device) =>
        MakePod.Named(name).Gpus(1).Annotation(DeviceAnnotation.Key, $$"""[{"index":{{device}},"milli":1000}]""");

    /// <summary>As a bug would: sums that no pod stands behind, and pages that follow them.</summary>
    private void Spoil()
    {
        var nodes = (Dictionary<string, NodeEntry>)typeof(ClusterLedger).GetField("_nodes", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(_ledger)!;
        nodes["n1"].Requested[0] += 1000;
        nodes["n1"].Count(0b1, GpuDemand.Whole(1), +1);
        _ledger.UpsertNode(nodes["n1"].Node!);
    }

    private void Put(params MakePod[] pods)
    {
        _ledger.UpsertNode(MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(4).Resource(GpuResourceCatalog.GpuMilli, "4000").Build());
        foreach (var pod in pods) _ledger.UpsertPod(pod.On("n1").Build());
    }

    private AuditReport Audit() => SnapshotAudit.Run(_ledger.Publish(), GpuResourceCatalog.Default);
}
