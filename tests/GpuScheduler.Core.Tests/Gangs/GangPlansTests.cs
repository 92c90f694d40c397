using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Gangs;

public sealed class GangPlansTests
{
    [Fact]
    public void Of_OneFreeNvlinkDomain_TakesItEntirely()
    {
        var cluster = GangCluster.Racks(racks: 4, cliques: 2, nodes: 8);
        foreach (var node in cluster.Ledger.Nodes.Where(node => !node.Name.StartsWith("r2-c1", StringComparison.Ordinal)).ToArray()) cluster.Busy(node.Name, 1);
        cluster.Gang("train", pods: 8, gpus: 8);

        var plan = cluster.Plan("train");

        Assert.Equal("", plan.Reason);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"r2-c1-n{i}"), GangCluster.NodesOf(plan));
        Assert.Equal("nvidia.com/gpu.clique=r2.c1", plan.Domain);
    }

    [Fact]
    public void Of_RequiredDomainAndNoneFree_NamesTheBestAndItsShortfall()
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 2, nodes: 8);
        foreach (var node in cluster.Ledger.Nodes.ToArray())
        {
            if (!node.Name.StartsWith("r1-c0", StringComparison.Ordinal) || node.Name is "r1-c0-n0" or "r1-c0-n1" or "r1-c0-n2") cluster.Busy(node.Name, 1);
        }

        cluster.Gang("train", pods: 8, gpus: 8, pod => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique));

        var plan = cluster.Plan("train");

        Assert.False(plan.Fits);
        Assert.Equal(
            "gang default/train: 5 of 8 pods fit at once in the best domain, nvidia.com/gpu.clique=r1.c0, "
            + "no room for 3 more with cpu=1000m memory=1024Mi nvidia.com/gpu=8",
            plan.Reason);
    }

    [Fact]
    public void Of_PreferredDomainTooSmall_SpreadsOverAsFewAsPossible()
    {
        // Free nodes by domain: r0.c0 3, r0.c1 2, r1.c0 5, r1.c1 4: eight nodes need two domains, and one rack has both.
        var cluster = GangCluster.Racks(racks: 2, cliques: 2, nodes: 8);
        foreach (var (clique, free) in new[] { ("r0-c0", 3), ("r0-c1", 2), ("r1-c0", 5), ("r1-c1", 4) })
        {
            for (var n = free; n < 8; n++) cluster.Busy($"{clique}-n{n}", 1);
        }

        cluster.Gang("train", pods: 8, gpus: 8, pod => pod.Annotation("kueue.x-k8s.io/podset-preferred-topology", TopologyLevels.Clique));

        var plan = cluster.Plan("train");

        Assert.Equal("", plan.Reason);
        Assert.Equal($"{GangCluster.Rack}=r1", plan.Domain);
        Assert.Equal(5, plan.Places.Count(place => place.NodeName.StartsWith("r1-c0", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_SmallGang_BreaksTheTightestDomainAndKeepsTheOthersWhole()
    {
        var cluster = GangCluster.Racks(racks: 3, cliques: 1, nodes: 4);
        cluster.Busy("r1-c0-n0", 8).Busy("r1-c0-n1", 8);
        cluster.Gang("train", pods: 2, gpus: 8);

        Assert.Equal(["r1-c0-n2", "r1-c0-n3"], GangCluster.NodesOf(cluster.Plan("train")));
    }

    [Fact]
    public void Of_GangFitsOnOneNode_TakesTheTightestNode()
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 1, nodes: 4);
        cluster.Busy("r1-c0-n2", 4);
        cluster.Gang("train", pods: 4, gpus: 1);

        var plan = cluster.Plan("train");

        Assert.Equal(["r1-c0-n2"], GangCluster.NodesOf(plan));
        Assert.Equal("node r1-c0-n2", plan.Domain);
    }

    [Fact]
    public void Of_LeaderAndWorkers_ShareADomain()
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 1, nodes: 4);
        cluster.Busy("r0-c0-n0", 7);
        cluster.Gang("train", pods: 4, gpus: 8, size: 5);
        cluster.Gang("train", pods: 1, gpus: 2, size: 5, first: 4);

        var plan = cluster.Plan("train");

        // Neither rack holds four whole nodes and two GPUs more, so the leader is elsewhere; workers stay together.
        Assert.Equal("", plan.Reason);
        Assert.Equal(4, plan.Places.Count(place => place.NodeName.StartsWith("r1", StringComparison.Ordinal)));
        Assert.Equal(5, plan.Places.Length);
    }

    [Fact]
    public void Of_TwoGangsForRoomForOne_TheOlderFitsAndTheOtherSaysItIsBehind()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 3);
        cluster.Gang("young", pods: 2, gpus: 8, pod => pod.CreatedAt(DateTimeOffset.UnixEpoch.AddHours(1)));
        cluster.Gang("old", pods: 2, gpus: 8, pod => pod.CreatedAt(DateTimeOffset.UnixEpoch));

        Assert.Equal("", cluster.Plan("old").Reason);
        Assert.Equal("gang default/young: 1 of 2 pods fit at once, no room for 1 more with cpu=1000m memory=1024Mi nvidia.com/gpu=8, behind 1 gang", cluster.Plan("young").Reason);
    }

    [Fact]
    public void Of_HigherPriority_GoesFirst()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 3);
        cluster.Gang("old", pods: 2, gpus: 8, pod => pod.CreatedAt(DateTimeOffset.UnixEpoch));
        cluster.Gang("urgent", pods: 2, gpus: 8, pod => pod.CreatedAt(DateTimeOffset.UnixEpoch.AddHours(1)), priority: 5);

        Assert.Equal("", cluster.Plan("urgent").Reason);
        Assert.NotEqual("", cluster.Plan("old").Reason);
    }

    [Fact]
    public void Of_PodsStillMissing_PlansForTheWholeGang()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 2, nodes: 4);
        cluster.Gang("train", pods: 1, gpus: 8, size: 4);

        var plan = cluster.Plan("train");

        Assert.Equal(4, plan.Places.Length);
        Assert.Equal(3, plan.Places.Count(place => place.Uid is null));

        cluster.Gang("wide", pods: 1, gpus: 8, size: 9);
        Assert.Contains("(1 of them exist)", cluster.Plan("wide").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SizeUnknown_TakesThoseThatExistAndSaysSo()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 2);
        cluster.Gang("train", pods: 3, gpus: 8, size: 0);

        Assert.Contains("(size unknown: counted are those that exist)", cluster.Plan("train").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ElsewhereSomethingChanged_KeepsThePlan()
    {
        var cluster = GangCluster.Racks(racks: 4, cliques: 1, nodes: 4);
        cluster.Busy("r2-c0-n0", 1);
        cluster.Gang("train", pods: 3, gpus: 8);
        var before = GangCluster.NodesOf(cluster.Plan("train"));
        Assert.Equal(["r2-c0-n1", "r2-c0-n2", "r2-c0-n3"], before);

        // Now another domain would be tighter, but pods of the gang may be on their way.
        cluster.Busy("r1-c0-n0", 8);
        cluster.Busy("r2-c0-n0", 1);
        Assert.Equal(before, GangCluster.NodesOf(cluster.Plan("train")));

        cluster.Busy("r2-c0-n1", 1);
        Assert.Equal(["r1-c0-n1", "r1-c0-n2", "r1-c0-n3"], GangCluster.NodesOf(cluster.Plan("train")));
    }

    [Fact]
    public void Of_ReplacementOfALostPod_FollowsTheRunningOnes()
    {
        var cluster = GangCluster.Racks(racks: 3, cliques: 1, nodes: 4);
        cluster.Gang("train", pods: 3, gpus: 8);
        cluster.Start("train");
        var domain = cluster.Ledger.FindGang(GangCluster.Key("train"))!.Placed[0].NodeName[..2];
        cluster.Ledger.DeletePod(cluster.Ledger.FindPod("default", "train-1")!.Uid);
        foreach (var node in cluster.Ledger.Nodes.Where(node => !node.Name.StartsWith(domain, StringComparison.Ordinal)).Take(3).ToArray()) cluster.Busy(node.Name, 7);
        cluster.Gang("train", pods: 1, gpus: 2, size: 3, first: 7);

        var place = Assert.Single(cluster.Plan("train").Places);

        Assert.StartsWith(domain, place.NodeName, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NodeSelector_IsHeeded()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var json = """
            {"metadata":{"name":"w-0","uid":"w-0","labels":{"gpu-scheduler.io/gang":"train"},"annotations":{"gpu-scheduler.io/gang-size":"2"}},
             "spec":{"nodeSelector":{"kubernetes.io/hostname":"x"},"containers":[{"name":"c","resources":{"requests":{"nvidia.com/gpu":"1"}}}]}}
            """;
        cluster.Ledger.UpsertNode(MakeNode.Named("chosen").Cpu("8").Gpus(2).Label("kubernetes.io/hostname", "x").Build());
        var reader = new System.Text.Json.Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
        reader.Read();
        cluster.Ledger.UpsertPod(new PodReader(Core.Resources.GpuResourceCatalog.Default).Read(ref reader));

        Assert.Equal(["chosen"], GangCluster.NodesOf(cluster.Plan("train")));
    }

    [Theory]
    [InlineData("x/y", "which is none of topology.levels")]
    [InlineData("topology.kubernetes.io/zone", "no node has the label")]
    public void Of_RequiredLevelThatIsNot_SaysSo(string level, string expected)
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        cluster.Gang("train", pods: 2, gpus: 8, pod => pod.Annotation("kai.scheduler/topology-required-placement", level));

        Assert.Contains(expected, cluster.Plan("train").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void OfNewcomer_PodTheWatchHasNotBrought_TakesAFreePlaceOfItsGang()
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 1, nodes: 4);
        cluster.Gang("train", pods: 2, gpus: 8, size: 4);
        var known = cluster.Plan("train");
        var pod = GangCluster.Member("train", 3, gpus: 8, size: 4);

        var plan = cluster.Plans.OfNewcomer(cluster.Ledger.Publish(), pod, GangMembership.Of(pod)!);

        Assert.True(plan.PlaceOf(pod.Uid) >= 0);
        Assert.Equal(GangCluster.NodesOf(known), GangCluster.NodesOf(plan));
    }

    [Fact]
    public void Of_GangRunsAndItsDomainHasRoomForSome_SaysHowManyFitWhereAndWhatIsMissing()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 2, nodes: 3);
        cluster.Gang("train", pods: 2, gpus: 8, also: Near);
        cluster.Start("train");
        var domain = cluster.Ledger.FindGang(GangCluster.Key("train"))!.Placed[0].NodeName[..5];

        cluster.Gang("train", pods: 2, gpus: 8, size: 2, first: 2, also: Near);

        Assert.Equal(
            $"gang default/train: it runs, and 1 of its 2 waiting pods fit in its domain, {TopologyLevels.Clique}={domain.Replace('-', '.')}, no room for 1 more with cpu=1000m memory=1024Mi nvidia.com/gpu=8",
            cluster.Plan("train").Reason);

        static MakePod Near(MakePod pod) => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique);
    }

    [Fact]
    public void OfNewcomer_FirstOfItsGang_IsPlannedBehindTheOthers()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 3);
        cluster.Gang("old", pods: 2, gpus: 8);
        var pod = GangCluster.Member("new", 0, gpus: 8, size: 2, pod => pod.CreatedAt(DateTimeOffset.UnixEpoch.AddHours(1)));

        Assert.False(cluster.Plans.OfNewcomer(cluster.Ledger.Publish(), pod, GangMembership.Of(pod)!).Fits);
    }
}
