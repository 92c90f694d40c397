using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Gangs;

public sealed class GangReservingTests
{
    private static readonly TimeSpan After = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Next_NotWaitedLongEnough_KeepsNothing()
    {
        var cluster = Crowded();
        cluster.Gang("big", pods: 4, gpus: 8, Created(0));

        Assert.Null(Next(cluster, minutes: 9));
        Assert.NotNull(Next(cluster, minutes: 10));
        Assert.Null(new GangReserving(cluster.Plans, new LedgerOptions(), TimeSpan.Zero).Next(cluster.Ledger.Publish(), Start.AddDays(1)));
    }

    [Fact]
    public void Next_GangDoesNotFit_KeepsTheDomainThatHoldsMostOfItAndNoMoreNodesThanItNeeds()
    {
        // Free nodes: r0.c0 has one, r1.c0 two of four.
        var cluster = GangCluster.Racks(racks: 2, cliques: 1, nodes: 4);
        foreach (var node in new[] { "r0-c0-n0", "r0-c0-n1", "r0-c0-n2", "r1-c0-n0", "r1-c0-n1" }) cluster.Busy(node, node == "r1-c0-n1" ? 2 : 1);
        cluster.Gang("big", pods: 3, gpus: 8, also: pod => Created(0)(pod).Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique));

        var kept = Next(cluster, minutes: 10)!;

        Assert.Equal("nvidia.com/gpu.clique=r1.c0", kept.Domain);
        Assert.Equal(["r1-c0-n0", "r1-c0-n2", "r1-c0-n3"], kept.Nodes.ToArray());
    }

    [Fact]
    public void KeepFor_Domain_HoldsBackPodsAndGangsBehindAndTellsThemAndTheWaitingGang()
    {
        var cluster = Crowded();
        cluster.Gang("big", pods: 4, gpus: 8, Created(0));
        cluster.Gang("small", pods: 2, gpus: 4, Created(1));
        Assert.Equal(["r1-c0-n1"], GangCluster.NodesOf(cluster.Plan("small")));

        var kept = Keep(cluster, minutes: 10)!;

        Assert.Equal("nvidia.com/gpu.clique=r1.c0", kept.Domain);
        Assert.Equal("GPUs are kept for gang default/big, which has waited long", ReasonOn(cluster, "r1-c0-n1", gpus: 1));
        Assert.Equal("", ReasonOn(cluster, "r0-c0-n0", gpus: 1));
        Assert.Equal("", ReasonOn(cluster, "r1-c0-n1", gpus: 0));
        Assert.DoesNotContain("r1", GangCluster.NodesOf(cluster.Plan("small")).Select(node => node[..2]));
        Assert.Equal(AssumeResult.DoesNotFit, cluster.Ledger.Assume(MakePod.Named("other").Gpus(1).Build(), "r1-c0-n1").Result);
        Assert.EndsWith("; 4 nodes of nvidia.com/gpu.clique=r1.c0 are kept free for it until they all fit", cluster.Plan("big").Reason, StringComparison.Ordinal);
        cluster.Gang("wide", pods: 3, gpus: 8, Created(2));
        Assert.EndsWith("; 4 nodes of nvidia.com/gpu.clique=r1.c0 are kept for gang default/big, which has waited long", cluster.Plan("wide").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void KeepFor_RoomIsThere_TheGangStartsOnItAndTheReservationEnds()
    {
        var cluster = Crowded();
        cluster.Gang("big", pods: 4, gpus: 8, Created(0));
        Keep(cluster, minutes: 10);
        cluster.Ledger.DeletePod(cluster.Ledger.FindPod("default", "guest-r1-c0-n0")!.Uid);

        // Room for all: kept until they are bound, also while they gather.
        Assert.Equal(4, Keep(cluster, minutes: 11)!.Nodes.Length);
        var plan = cluster.Plan("big");
        Assert.True(cluster.Assume(plan.Gang.Waiting[0], plan.Places[plan.PlaceOf(plan.Gang.Waiting[0].Uid)].NodeName).Outcome.IsPlaced);
        Assert.NotNull(Keep(cluster, minutes: 12));

        cluster.Start("big");

        Assert.Null(cluster.Ledger.Publish().Reservation);
        Assert.Null(Keep(cluster, minutes: 13));
    }

    [Fact]
    public void Next_FirstInTurnCouldNeverStart_TheNextIsKeptFor()
    {
        var cluster = Crowded();
        cluster.Gang("impossible", pods: 99, gpus: 8, Created(0));
        cluster.Gang("big", pods: 4, gpus: 8, Created(1));

        Assert.Equal(GangCluster.Key("big"), Next(cluster, minutes: 20)!.Key);
    }

    [Fact]
    public void KeepFor_PodOfHigherPriorityComes_NothingIsKeptWhileItWaits()
    {
        var cluster = Crowded();
        cluster.Gang("big", pods: 4, gpus: 8, Created(0));
        Keep(cluster, minutes: 10);

        cluster.Ledger.UpsertPod(MakePod.Named("equal").Gpus(8).Build());
        Assert.NotNull(cluster.Ledger.Publish().Reservation);
        cluster.Ledger.UpsertPod(MakePod.Named("urgent").Gpus(8).Priority(5).Build());
        Assert.Null(cluster.Ledger.Publish().Reservation);
        Assert.Null(Keep(cluster, minutes: 11));

        Assert.True(cluster.Ledger.Assume(cluster.Ledger.FindPod("default", "urgent")!, "r1-c0-n1").IsPlaced);
        Assert.NotNull(Keep(cluster, minutes: 12));
    }

    [Fact]
    public void Next_HigherPriorityGangIsDueToo_IsKeptForInstead()
    {
        var cluster = Crowded();
        cluster.Gang("big", pods: 4, gpus: 8, Created(0));
        Keep(cluster, minutes: 10);
        cluster.Gang("urgent", pods: 4, gpus: 8, Created(5), priority: 1);

        Assert.Equal(GangCluster.Key("big"), Next(cluster, minutes: 14)!.Key);
        Assert.Equal(GangCluster.Key("urgent"), Next(cluster, minutes: 15)!.Key);
    }

    [Fact]
    public void Next_NodeHasADaemonSetPod_CountsItAsThere()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        cluster.Ledger.UpsertPod(MakePod.Named("agent").Gpus(1).Controller("DaemonSet", "agent").On("r0-c0-n0").Build());
        cluster.Gang("big", pods: 4, gpus: 8, Created(0));

        Assert.Null(Next(cluster, minutes: 10));
    }

    /// <summary>
    /// Two large gangs and a stream of small pods that takes every room as soon as it is free: with reservations both start, one after the other; without
    /// them, neither. At no time does a pod come to a node that is kept from it, and plans never exceed nodes.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Keep_StreamOfSmallPods_LargeGangsStartWithReservationsAndOnlyThen(int seed)
    {
        Assert.Equal(2, StartedUnderStream(seed, After));
        Assert.Equal(0, StartedUnderStream(seed, TimeSpan.Zero));
    }

    private static int StartedUnderStream(int seed, TimeSpan after)
    {
        const int Steps = 400;
        var random = new Random(seed);
        var cluster = GangCluster.Racks(racks: 2, cliques: 2, nodes: 4, gpus: 2);
        var reserving = new GangReserving(cluster.Plans, new LedgerOptions(), after);
        var (small, running) = (0, new List<Pod>());
        Fill();
        cluster.Gang("big", pods: 4, gpus: 2, Created(0));
        cluster.Gang("bigger", pods: 7, gpus: 2, Created(1));
        for (var minute = 1; minute <= Steps; minute++)
        {
            var ended = running[random.Next(running.Count)];
            running.Remove(ended);
            cluster.Ledger.DeletePod(ended.Uid);
            cluster.Ledger.KeepFor(reserving.Next(cluster.Ledger.Publish(), Start.AddMinutes(minute)));
            var snapshot = cluster.Ledger.Publish();
            foreach (var name in new[] { "big", "bigger" })
            {
                if (cluster.Plans.Of(snapshot, GangCluster.Key(name)) is { Fits: true, Places.IsEmpty: false }) cluster.Start(name);
            }

            Fill();
            if (running.Count == 0) break;
        }

        return new[] { "big", "bigger" }.Count(name => cluster.Ledger.FindGang(GangCluster.Key(name))!.IsStarted);

        void Fill()
        {
            var snapshot = cluster.Ledger.Publish();
            foreach (var node in snapshot.Names.Rows.ToArray())
            {
                while (true)
                {
                    var pod = MakePod.Named($"small-{small}").Gpus(1).Cpu("1").Build();
                    var isKept = snapshot.Reservation?.Nodes.Contains(node.Name) == true;
                    var placed = cluster.Ledger.Assume(pod, node.Name).IsPlaced;
                    Assert.False(placed && isKept, $"{pod.Name} came to {node.Name}, which is kept");
                    if (!placed) break;
                    running.Add(pod);
                    small++;
                }
            }
        }
    }

    /// <summary>Two cliques of four nodes; every node of the first has a guest, of the second the first node only.</summary>
    private static GangCluster Crowded()
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 1, nodes: 4);
        foreach (var node in cluster.Ledger.Nodes.Where(node => node.Name.StartsWith("r0", StringComparison.Ordinal) || node.Name == "r1-c0-n0").ToArray())
        {
            cluster.Ledger.UpsertPod(MakePod.Named($"guest-{node.Name}").Gpus(node.Name == "r0-c0-n0" ? 1 : 4).Cpu("1").On(node.Name).Build());
        }

        // Tighter than any node of the first clique, so that it is where small work goes.
        cluster.Ledger.UpsertPod(MakePod.Named("guest").Cpu("1").On("r1-c0-n1").Build());
        return cluster;
    }

    private static Func<MakePod, MakePod> Created(int minutes) => pod => pod.CreatedAt(Start.AddMinutes(minutes));

    private static GangReservation? Next(GangCluster cluster, int minutes) =>
        new GangReserving(cluster.Plans, new LedgerOptions(), After).Next(cluster.Ledger.Publish(), Start.AddMinutes(minutes));

    private static GangReservation? Keep(GangCluster cluster, int minutes)
    {
        cluster.Ledger.KeepFor(Next(cluster, minutes));
        return cluster.Ledger.Publish().Reservation;
    }

    private static string ReasonOn(GangCluster cluster, string node, int gpus)
    {
        var snapshot = cluster.Ledger.Publish();
        var row = snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(node))!.Row;
        var pod = MakePod.Named("p").Cpu("1");
        var filter = new PodFilter(snapshot.Tables, (gpus > 0 ? pod.Gpus(gpus) : pod).Shape());
        var (page, at) = (snapshot.PageOf(row), row & NodePage.RowMask);
        var bits = new ulong[NodePage.BitmapWords];
        filter.Fits(page, bits);
        var rejection = filter.Check(page, at);
        Assert.Equal(rejection.IsNone, (bits[at >> 6] >> (at & 63) & 1) != 0);
        return filter.Describe(rejection, page, at);
    }
}
