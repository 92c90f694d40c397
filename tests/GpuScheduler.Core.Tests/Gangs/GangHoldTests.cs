using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Gangs;

public sealed class GangHoldTests
{
    [Fact]
    public void AssumeMember_FirstOfFour_HoldsTheRoomOfAll()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pods = cluster.Gang("train", pods: 4, gpus: 6);
        var plan = cluster.Plan("train");

        var assumed = cluster.Assume(pods[0], plan.Places[plan.PlaceOf(pods[0].Uid)].NodeName);

        Assert.Equal((AssumeResult.Assumed, GangCluster.Key("train"), false), (assumed.Outcome.Result, assumed.Gang!.Value, assumed.IsComplete));
        Assert.Equal(4 * 2, cluster.FreeGpus());
        Assert.Equal(3, cluster.Plan("train").Places.Length);
        Assert.Equal(AssumeResult.DoesNotFit, cluster.Ledger.Assume(MakePod.Named("other").Gpus(6).Build(), "r0-c0-n3").Result);
    }

    [Fact]
    public void AssumeMember_LastOne_CompletesTheGang()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pods = cluster.Gang("train", pods: 4, gpus: 4);

        var complete = pods.Select(pod => cluster.Assume(pod, cluster.Plan("train") is var plan ? plan.Places[plan.PlaceOf(pod.Uid)].NodeName : "").IsComplete).ToArray();

        Assert.Equal([false, false, false, true], complete);
        Assert.True(cluster.Ledger.FindGang(GangCluster.Key("train"))!.IsStarted);
        Assert.Equal(16, cluster.FreeGpus());
    }

    [Fact]
    public void AssumeMember_MorePodsThanTheGangStartsWith_StartsWithTheQuorum()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pods = cluster.Gang("elastic", pods: 4, gpus: 8, size: 2);

        Assert.False(cluster.Assume(pods[3], "r0-c0-n0").IsComplete);
        Assert.True(cluster.Assume(pods[1], "r0-c0-n1").IsComplete);
        Assert.Null(cluster.Assume(pods[0], "r0-c0-n2").Gang);
        Assert.Equal(8, cluster.FreeGpus());
    }

    [Fact]
    public void AssumeMember_RoomForSomeOnly_PlacesNone()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        cluster.Busy("r0-c0-n2", 1);
        var pods = cluster.Gang("train", pods: 4, gpus: 8);

        var assumed = cluster.Assume(pods[0], "r0-c0-n0");

        Assert.Contains("3 of 4 pods fit at once", assumed.Outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(31, cluster.FreeGpus());
    }

    [Fact]
    public void AssumeMember_OffThePlan_MovesTheGangsRoomAlong()
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 1, nodes: 4);
        var pods = cluster.Gang("train", pods: 2, gpus: 8);

        Assert.True(cluster.Assume(pods[0], "r1-c0-n3").Outcome.IsPlaced);
        Assert.Equal(6 * 8, cluster.FreeGpus());
        Assert.True(cluster.Assume(pods[1], "r1-c0-n2").IsComplete);
        Assert.Equal(6 * 8, cluster.FreeGpus());
    }

    [Fact]
    public void CallOff_HalfArrived_GivesEverythingBack()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pods = cluster.Gang("train", pods: 4, gpus: 8);
        cluster.Assume(pods[0], "r0-c0-n0");
        cluster.Assume(pods[1], "r0-c0-n1");

        Assert.Equal([pods[0].Uid, pods[1].Uid], cluster.Ledger.CallOff(GangCluster.Key("train")).Order());

        Assert.Equal(32, cluster.FreeGpus());
        Assert.Equal(4, cluster.Ledger.WaitingCount);
        Assert.Empty(cluster.Ledger.CallOff(GangCluster.Key("train")));
    }

    [Fact]
    public void CallOff_PodsMissing_TheGangIsNotAdmittedUntilOneComes()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pods = cluster.Gang("train", pods: 2, gpus: 8, size: 3);
        cluster.Assume(pods[0], "r0-c0-n0");
        cluster.Ledger.CallOff(GangCluster.Key("train"));

        Assert.Equal("gang default/train: only 2 of its 3 pods exist, and it has waited for the others in vain", cluster.Plan("train").Reason);
        cluster.Gang("train", pods: 1, gpus: 8, size: 3, first: 2);
        Assert.Equal("", cluster.Plan("train").Reason);
    }

    [Fact]
    public void DeletePod_OfOneThatArrived_KeepsItsPlaceForItsReplacement()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pods = cluster.Gang("train", pods: 3, gpus: 8);
        cluster.Assume(pods[0], "r0-c0-n0");

        cluster.Ledger.DeletePod(pods[0].Uid);

        Assert.Equal(8, cluster.FreeGpus());
        var replacement = cluster.Gang("train", pods: 1, gpus: 8, size: 3, first: 9)[0];
        Assert.False(cluster.Assume(replacement, "r0-c0-n0").IsComplete);
        Assert.False(cluster.Assume(pods[1], cluster.Plan("train").Places[0].NodeName).IsComplete);
        Assert.True(cluster.Assume(pods[2], cluster.Plan("train").Places[0].NodeName).IsComplete);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Gangs_AnyInterleaving_StartWholeAndNeverOverCommit(int seed)
    {
        var random = new Random(seed);
        var cluster = GangCluster.Racks(racks: 2, cliques: 2, nodes: 6);
        var gangs = new Dictionary<string, (Pod[] Pods, int Quorum)>();
        for (var g = 0; g < 14; g++)
        {
            var (pods, gpus) = (random.Next(1, 9), random.Next(1, 9));
            var created = DateTimeOffset.UnixEpoch.AddMinutes(random.Next(100));
            gangs[$"g{g}"] = (cluster.Gang($"g{g}", pods, gpus, pod => pod.CreatedAt(created), size: Math.Max(1, pods - random.Next(2))), 0);
        }

        for (var step = 0; step < 600; step++)
        {
            var name = $"g{random.Next(14)}";
            var gang = cluster.Ledger.FindGang(GangCluster.Key(name));
            if (gang is null) continue;
            switch (random.Next(20))
            {
                case 0:
                    cluster.Ledger.CallOff(gang.Key);
                    break;
                case 1 when gang.IsStarted:
                    cluster.Ledger.DeletePod(gang.Placed[random.Next(gang.Placed.Length)].Uid!);
                    break;
                case 2:
                    cluster.Busy($"r{random.Next(2)}-c{random.Next(2)}-n{random.Next(6)}", 0);
                    break;
                default:
                    if (gang.Waiting.IsEmpty) break;
                    var pod = gang.Waiting[random.Next(gang.Waiting.Length)];
                    var plan = cluster.Plan(name);
                    var place = plan.PlaceOf(pod.Uid);
                    if (place >= 0) Assert.True(cluster.Assume(pod, plan.Places[place].NodeName).Outcome.IsPlaced, "what is planned fits");
                    break;
            }

            AssertSound(cluster);
        }
    }

    /// <summary>No plan, hold and placement together exceed a node, and a gang that has not started holds either nothing or all its room.</summary>
    private static void AssertSound(GangCluster cluster)
    {
        var snapshot = cluster.Ledger.Publish();
        var confirmed = snapshot.Names.Rows.ToArray().SelectMany(row => snapshot.PageOf(row.Row).Pods(row.Row & 255).ToArray())
            .Where(placed => !placed.IsAssumed).Select(placed => placed.Pod);
        Assert.Empty(SnapshotComparer.Compare(snapshot, [.. cluster.Ledger.Nodes], [.. confirmed]));
        var free = snapshot.Names.Rows.ToArray().ToDictionary(row => row.Name, row => (int)snapshot.PageOf(row.Row).GpuWholeFree[row.Row & 255]);
        foreach (var gang in snapshot.Gangs.All)
        {
            if (!gang.IsStarted && gang.Held is null) Assert.Empty(gang.Placed);
            if (gang.Held is { } held) Assert.True(gang.Placed.Length + held.Length >= gang.Quorum);
            if (gang.Waiting.IsEmpty || gang.Held is not null || cluster.Plans.Of(snapshot, gang.Key) is not { } plan) continue;
            if (!plan.Fits) Assert.NotEqual("", plan.Reason);
            foreach (var place in plan.Places) free[place.NodeName] -= place.Shape.Gpu.Count;
        }

        Assert.All(free, node => Assert.True(node.Value >= 0, $"{node.Key} is planned {-node.Value} GPUs beyond what it has"));
    }
}
