using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Gangs;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Explaining;

/// <summary>Every change said to help a gang is true: it is made, and the whole gang is planned.</summary>
public sealed class GangRemedyTests
{
    [Fact]
    public void Find_OneDomainIsNearlyFree_NamesThePodsThatHaveToEndThereAndTheNodesToAdd()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 2, nodes: 2).Busy("r0-c0-n0", 2).Busy("r0-c1-n0", 1).Busy("r0-c1-n1", 1);
        cluster.Gang("train", pods: 2, gpus: 8, pod => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique));

        Assert.Equal(
            [
                $"the gang would fit whole in {TopologyLevels.Clique}=r0.c0 if default/busy-r0-c0-n0-0 ended",
                $"1 of 2 fit in {TopologyLevels.Clique}=r0.c0; the gang would fit whole with 1 more node there like r0-c0-n0, empty",
            ],
            Find(cluster, "train").Select(remedy => remedy.Sentence()));
    }

    [Fact]
    public void Find_PodsThatNeedNotEnd_AreNotNamed()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 2).Busy("r0-c0-n0", 2).Busy("r0-c0-n0", 2).Busy("r0-c0-n1", 2);
        cluster.Gang("train", pods: 3, gpus: 4);

        var ended = Find(cluster, "train").OfType<EndPodsForGang>().Single();

        Assert.Single(ended.Leaving.SelectMany(leaving => leaving.Pods));
    }

    [Fact]
    public void Find_NodesThatAGangBeforeItWouldTake_AreAddedAsWell()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 1);
        cluster.Gang("older", pods: 3, gpus: 8, priority: 1);
        cluster.Gang("train", pods: 2, gpus: 8);

        Assert.Equal(4, Find(cluster, "train").OfType<AddNodesForGang>().Single().Count);
    }

    [Fact]
    public void Find_PodsLargerThanAnyNode_SaysSoAndNothingElse()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 2, gpus: 4);
        cluster.Gang("train", pods: 2, gpus: 8);

        Assert.IsType<FitTheNodes>(Assert.Single(Find(cluster, "train")));
    }

    [Fact]
    public void Find_MemberLostAndItsPlaceTaken_NamesWhatMakesRoomWhereTheOthersRun()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 2, nodes: 2);
        cluster.Gang("train", pods: 2, gpus: 8, pod => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique));
        cluster.Start("train");
        var lost = cluster.Ledger.FindGang(GangCluster.Key("train"))!.Placed[0];
        cluster.Ledger.DeletePod(lost.Uid!);
        cluster.Busy(lost.NodeName, 1);
        cluster.Gang("train", pods: 1, gpus: 8, pod => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique), size: 2, first: 2);
        var domain = $"{TopologyLevels.Clique}={lost.NodeName[..5].Replace('-', '.')}";

        var sentences = Find(cluster, "train").Select(remedy => remedy.Sentence()).ToList();

        Assert.Equal(2, sentences.Count);
        Assert.StartsWith($"the rest of the gang would fit in {domain} if default/busy-{lost.NodeName}", sentences[0], StringComparison.Ordinal);
        Assert.StartsWith($"0 of 1 fit in {domain}; the rest of the gang would fit with 1 more node there like r0-", sentences[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_InAnyCluster_NamesOnlyChangesThatHelp(bool runs)
    {
        var seen = new Dictionary<Type, int>();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(150),
            Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue - 1)), seed =>
            {
                for (var i = 0; ; i++)
                {
                    // The same cluster once more for every change.
                    var cluster = runs ? MakeRunning(new Random(seed)) : Make(new Random(seed));
                    var remedies = Find(cluster, "train");
                    if (i >= remedies.Length) return;
                    if (cluster.Plan("train").Gang.IsStarted == runs) seen[remedies[i].GetType()] = seen.GetValueOrDefault(remedies[i].GetType()) + 1;
                    Change(cluster, remedies[i]);
                    Assert.True(cluster.Plan("train").Reason.Length == 0, $"seed {seed}: {remedies[i].Sentence()}; then {cluster.Plan("train").Reason}");
                }
            }));

        Assert.All([typeof(EndPodsForGang), typeof(AddNodesForGang)], kind => Assert.True(seen.GetValueOrDefault(kind) > 0, $"{kind.Name} was never met"));
    }

    private static GangCluster Make(Random random)
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 2, nodes: random.Next(1, 4));
        foreach (var row in cluster.Ledger.Publish().Names.Rows.ToArray())
        {
            for (var pods = random.Next(4); pods > 0; pods--) cluster.Busy(row.Name, random.Next(1, 3));
        }

        if (random.Next(2) == 0) cluster.Gang("older", random.Next(1, 4), gpus: 8, priority: 1);
        string[] levels = [TopologyLevels.Clique, GangCluster.Rack];
        cluster.Gang("train", random.Next(2, 7), gpus: random.Next(3, 9), pod => random.Next(3) == 0 ? pod : pod.Annotation("gpu-scheduler.io/topology-required", levels[random.Next(2)]));
        return cluster;
    }

    /// <summary>A gang that has started and lost pods, whose places others took before the replacements came.</summary>
    private static GangCluster MakeRunning(Random random)
    {
        var cluster = GangCluster.Racks(racks: 2, cliques: 2, nodes: random.Next(2, 4));
        var (gpus, level, size) = (random.Next(3, 9), random.Next(4), random.Next(2, 7));
        MakePod Wish(MakePod pod) => level switch
        {
            0 => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique),
            1 => pod.Annotation("gpu-scheduler.io/topology-required", GangCluster.Rack),
            2 => pod.Annotation("gpu-scheduler.io/topology-preferred", TopologyLevels.Clique),
            _ => pod,
        };
        cluster.Gang("train", size, gpus, Wish);
        if (!cluster.Plan("train").Fits) return cluster;
        cluster.Start("train");
        var placed = cluster.Ledger.FindGang(GangCluster.Key("train"))!.Placed;
        var lost = placed.Take(random.Next(1, placed.Length)).ToList();
        foreach (var place in lost) cluster.Ledger.DeletePod(place.Uid!);
        foreach (var row in cluster.Ledger.Publish().Names.Rows.ToArray())
        {
            while (cluster.Ledger.Publish().PageOf(row.Row).GpuWholeFree[row.Row & NodePage.RowMask] > random.Next(4)) cluster.Busy(row.Name, 1);
        }

        if (random.Next(2) == 0) cluster.Gang("older", random.Next(1, 4), gpus: 8, priority: 1);
        cluster.Gang("train", lost.Count, gpus, Wish, size, first: size);
        return cluster;
    }

    private static ImmutableArray<Remedy> Find(GangCluster cluster, string gang) => [.. new GangRemedySearch(new LedgerOptions()).Find(cluster.Ledger.Publish(), cluster.Plan(gang))];

    private static void Change(GangCluster cluster, Remedy remedy)
    {
        if (remedy is EndPodsForGang ended)
        {
            foreach (var pod in ended.Leaving.SelectMany(leaving => leaving.Pods)) cluster.Ledger.DeletePod(pod.Uid);
        }
        else if (remedy is AddNodesForGang added)
        {
            var like = cluster.Ledger.Publish().Names.Rows.ToArray().Single(row => row.Name == added.Like).Node;
            for (var i = 0; i < added.Count; i++)
            {
                var more = MakeNode.Named($"more-{i}").Cpu("96").Memory("1Ti").Gpus(8);
                foreach (var (key, value) in like.Labels) more = more.Label(key, value);
                cluster.Ledger.UpsertNode(more.Build());
            }
        }
    }
}
