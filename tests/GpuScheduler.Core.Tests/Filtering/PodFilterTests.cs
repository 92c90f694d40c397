using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Sharing;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Filtering;

public sealed class PodFilterTests
{
    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void Check_RoomForEverything_IsNone() =>
        Assert.True(Check(MakePod.Named("p").Gpus(8).Cpu("96").Memory("1Ti"), Node()).Rejection.IsNone);

    [Fact]
    public void Check_GpusInUse_IsInsufficientAndResolvable()
    {
        _ledger.UpsertPod(MakePod.Named("running").Gpus(7).On("n1").Build());

        var (rejection, reason) = Check(MakePod.Named("p").Gpus(2), Node());

        Assert.Equal("Insufficient nvidia.com/gpu", reason);
        Assert.Equal(RejectionClass.Resolvable, PodFilter.Classify(rejection));
    }

    [Fact]
    public void Check_MoreGpusThanTheNodeHas_IsUnresolvable()
    {
        var (rejection, reason) = Check(MakePod.Named("p").Gpus(9), Node());

        Assert.Equal("Insufficient nvidia.com/gpu", reason);
        Assert.Equal(RejectionClass.Unresolvable, PodFilter.Classify(rejection));
    }

    [Fact]
    public void Check_SeveralCauses_NamesThemAll()
    {
        var (_, reason) = Check(MakePod.Named("p").Gpus(9).Cpu("97").Memory("2Ti"), Node().Pods(0));

        Assert.Equal("Too many pods, Insufficient cpu, Insufficient memory, Insufficient nvidia.com/gpu", reason);
    }

    [Fact]
    public void Check_ResourceNoNodeOffers_IsUnresolvable()
    {
        var (rejection, reason) = Check(MakePod.Named("p").Request("example.com/fpga", "1"), Node());

        Assert.Equal("Insufficient example.com/fpga", reason);
        Assert.Equal(RejectionClass.Unresolvable, PodFilter.Classify(rejection));
    }

    [Fact]
    public void Check_UntoleratedTaint_IsNamed()
    {
        var (rejection, reason) = Check(MakePod.Named("p"), Node().Taint("team", "a"));

        Assert.Equal("node(s) had untolerated taint {team: a}", reason);
        Assert.Equal(RejectionClass.Unresolvable, PodFilter.Classify(rejection));
    }

    [Fact]
    public void Check_ToleratedTaint_IsNone() =>
        Assert.True(Check(MakePod.Named("p").Tolerate("team", "a"), Node().Taint("team", "a")).Rejection.IsNone);

    [Fact]
    public void Check_PreferNoSchedule_IsNone() =>
        Assert.True(Check(MakePod.Named("p"), Node().Taint("team", "a", "PreferNoSchedule")).Rejection.IsNone);

    [Fact]
    public void Check_Unschedulable_SaysSoAsKubeSchedulerDoes() =>
        Assert.Equal("node(s) were unschedulable", Check(MakePod.Named("p"), Node().Unschedulable()).Reason);

    [Fact]
    public void Check_OtherModel_IsAMismatch() =>
        Assert.Equal("GPU model mismatch (node has Tesla-T4)", Check(MakePod.Named("p").Models("NVIDIA-H100*"), Node().Model("Tesla-T4")).Reason);

    [Fact]
    public void Check_ModelByGlob_IsNone() =>
        Assert.True(Check(MakePod.Named("p").Models("NVIDIA-H100*"), Node().Model("NVIDIA-H100-80GB-HBM3")).Rejection.IsNone);

    [Fact]
    public void Check_WholeGpuWhereAllArePartlyUsed_OnlyWeSeeIt()
    {
        for (var i = 0; i < 8; i++) _ledger.UpsertPod(MakePod.Named($"share{i}").GpuMilli(600).On("n1").Build());

        var (rejection, reason) = Check(MakePod.Named("p").Gpus(1), Node());

        Assert.Equal("Insufficient nvidia.com/gpu (some GPUs are partly used by pods that share them)", reason);
        Assert.Equal(RejectionClass.OnlyExtenderSees, PodFilter.Classify(rejection));
    }

    [Fact]
    public void Check_ShareThatFitsInSumOnly_HasNoRoomOnOneGpu()
    {
        for (var i = 0; i < 8; i++) _ledger.UpsertPod(MakePod.Named($"share{i}").GpuMilli(600).On("n1").Build());

        var (rejection, reason) = Check(MakePod.Named("p").GpuMilli(500), Node());

        Assert.Equal("Insufficient gpu-scheduler.io/gpu-milli on one GPU", reason);
        Assert.Equal(RejectionClass.OnlyExtenderSees, PodFilter.Classify(rejection));
    }

    [Fact]
    public void Check_ReplicasOfSharedCards_AreCountedByResourceAlone()
    {
        var shared = MakeNode.Named("n1").Cpu("32").Memory("128Gi").Gpus(16).Model("Tesla-T4-SHARED");

        Assert.True(Check(MakePod.Named("p").Gpus(16).AllowShared(true), shared).Rejection.IsNone);
    }

    [Fact]
    public void Check_ReplicasOfSharedCards_AreNotSeveralGpus()
    {
        var shared = MakeNode.Named("n1").Cpu("32").Memory("128Gi").Gpus(16).Model("Tesla-T4-SHARED");

        var (rejection, reason) = Check(MakePod.Named("p").Gpus(2), shared);

        Assert.Equal("""node(s) had replicas of shared GPUs, 2 of which may be one card (annotation gpu-scheduler.io/allow-shared: "true" allows it)""", reason);
        Assert.Equal(RejectionClass.Unresolvable, PodFilter.Classify(rejection));
        Assert.True(Check(MakePod.Named("p").Gpus(1), shared).Rejection.IsNone);
        Assert.Equal(RejectionCauses.Replicas, Check(MakePod.Named("p").Gpus(1).AllowShared(false), shared).Rejection.Causes);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Fits_AnyPage_EqualsCheckRowByRow(int seed)
    {
        var random = new Random(seed);
        var ledger = new ClusterLedger();
        var count = random.Next(1, 600);
        for (var i = 0; i < count; i++) ledger.UpsertNode(RandomNode(random, $"n{i}"));
        for (var i = 0; i < count; i++) ledger.UpsertPod(RandomPod(random, $"p{i}").On($"n{random.Next(count)}").Build());
        for (var i = 0; i < count / 10; i++) ledger.DeleteNode($"n{random.Next(count)}");
        var snapshot = ledger.Publish();
        Span<ulong> bits = stackalloc ulong[NodePage.BitmapWords];

        for (var i = 0; i < 20; i++)
        {
            var filter = new PodFilter(snapshot.Tables, RandomPod(random, "asked").Build().Shape);
            foreach (var page in snapshot.Pages)
            {
                filter.Fits(page, bits);
                for (var row = 0; row < NodePage.RowCount; row++)
                {
                    Assert.True(filter.Check(page, row).IsNone == RowBitmap.IsSet(bits, row), $"seed {seed}, row {page.FirstRow + row}");
                }
            }
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 30)];

    private static MakeNode Node() =>
        MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(8).Resource(GpuResourceCatalog.GpuMilli, "8000");

    private static Node RandomNode(Random random, string name)
    {
        var gpus = random.Next(3) * 4;
        var node = MakeNode.Named(name).Cpu($"{random.Next(8, 64)}").Memory("256Gi").Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * 1000}")
            .Shared(random, gpus).Model(random.Next(3) switch { 0 => "NVIDIA-L40S", 1 => "Tesla-T4", _ => "Tesla-T4-SHARED" });
        return (random.Next(5) == 0 ? node.Taint("team", "a") : random.Next(9) == 0 ? node.Unschedulable() : node).Build();
    }

    private static MakePod RandomPod(Random random, string name)
    {
        var pod = MakePod.Named(name).Cpu($"{random.Next(1, 20)}").Memory("4Gi");
        _ = random.Next(5) switch { 0 => pod.Gpus(random.Next(1, 9)), 1 => pod.GpuMilli(random.Next(1, 1000)), 2 or 3 => pod.Shared(random), _ => pod };
        if (random.Next(4) == 0) pod.Models("NVIDIA-*");
        if (random.Next(4) == 0) pod.Tolerate("team", "a");
        return pod;
    }

    private (Rejection Rejection, string Reason) Check(MakePod pod, MakeNode node)
    {
        _ledger.UpsertNode(node.Build());
        var snapshot = _ledger.Publish();
        var filter = new PodFilter(snapshot.Tables, pod.Build().Shape);
        var rejection = filter.Check(snapshot.Pages[0], 0);
        return (rejection, filter.Describe(rejection, snapshot.Pages[0], 0));
    }
}
