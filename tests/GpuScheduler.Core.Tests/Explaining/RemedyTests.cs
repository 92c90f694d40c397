using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Explaining;

/// <summary>Every "would fit if" is true: the change is made, and the pod fits.</summary>
public sealed class RemedyTests
{
    private static readonly string[] Models = ["NVIDIA-H100-80GB-HBM3", "NVIDIA-L40S", "Tesla-T4"];

    private static readonly Taint[] TaintsToGive =
    [
        new("dedicated", "team-a", "NoSchedule"), new("dedicated", "team-b", "NoSchedule"), new("maintenance", "", "NoExecute"),
        new("node.kubernetes.io/not-ready", "", "NoExecute"),
    ];

    [Fact]
    public void Find_InAnyCluster_NamesOnlyChangesThatHelp()
    {
        var seen = new Dictionary<string, int>();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400),
            Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue - 1)), seed =>
            {
                var (nodes, pods, pod) = Cluster(new Random(seed));
                var snapshot = Load(nodes, pods);
                if (Fits(snapshot, pod.Shape).Count > 0) return true;
                foreach (var remedy in new RemedySearch(new LedgerOptions()).Find(snapshot, pod))
                {
                    var kind = remedy.GetType().Name;
                    seen[kind] = seen.GetValueOrDefault(kind) + 1;
                    var problem = ProblemOf(remedy, nodes, pods, snapshot, pod);
                    if (problem is not null) throw new InvalidOperationException($"seed {seed}: {remedy.Sentence()}: {problem}");
                }

                return true;
            }));

        // A test that never met a kind has not tested it.
        string[] kinds = [nameof(EndPods), nameof(AskForLess), nameof(AcceptModel), nameof(TolerateTaints), nameof(NodesRecover), nameof(AddNode), nameof(FitTheNodes)];
        Assert.All(kinds, kind => Assert.True(seen.GetValueOrDefault(kind) > 0, $"{kind} was never met"));
    }

    [Fact]
    public void EndPods_OneNotebookInTheWay_NamesItAndNotTheImportantOne()
    {
        var snapshot = Load(
            [MakeNode.Named("h100-07").Cpu("64").Memory("512Gi").Gpus(2).Build()],
            [
                MakePod.Named("notebook-3").Namespace("team-a").Gpus(1).On("h100-07").Build(),
                MakePod.Named("training").Namespace("team-b").Gpus(1).Priority(100).On("h100-07").Build(),
            ]);

        var remedy = Find(snapshot, MakePod.Named("p").Gpus(1).Build()).OfType<EndPods>().Single();

        Assert.Equal("fits on h100-07 if team-a/notebook-3 ended", remedy.Sentence());
    }

    [Fact]
    public void EndPods_SharesOnEveryGpu_NamesThePodsOfOneGpuAlone()
    {
        var snapshot = Load(
            [MakeNode.Named("n").Cpu("64").Memory("512Gi").Gpus(2).Build()],
            [
                Placed("a", 500, 0), Placed("b", 500, 0), Placed("c", 500, 1), Placed("d", 400, 1),
            ]);

        var remedy = Find(snapshot, MakePod.Named("p").Gpus(1).Build()).OfType<EndPods>().Single();

        var names = remedy.Options.Single().Pods.Select(pod => pod.Name).Order().ToArray();
        Assert.True(names is ["a", "b"] or ["c", "d"], string.Join(',', names));
    }

    [Fact]
    public void EndPods_OfDaemonSets_AreNotSuggested()
    {
        var snapshot = Load(
            [MakeNode.Named("n").Cpu("8").Memory("8Gi").Build()],
            [MakePod.Named("agent").Cpu("4").Controller("DaemonSet", "agent").On("n").Build()]);

        Assert.Empty(Find(snapshot, MakePod.Named("p").Cpu("6").Build()).OfType<EndPods>());
    }

    [Fact]
    public void AskForLess_OneGpuTooMany_SaysOneLess()
    {
        var snapshot = Load([MakeNode.Named("h100-07").Cpu("64").Memory("512Gi").Gpus(3).Build()], []);

        var remedy = Assert.Single(Find(snapshot, MakePod.Named("p").Gpus(4).Cpu("8").Build()));

        Assert.Equal("fits on h100-07 with 1 GPU less (3 instead of 4)", remedy.Sentence());
    }

    [Fact]
    public void NodesRecover_CordonedNode_SaysHowToUncordonIt()
    {
        var snapshot = Load([MakeNode.Named("n").Cpu("8").Unschedulable().Build()], []);

        var remedy = Assert.Single(Find(snapshot, MakePod.Named("p").Cpu("1").Build()));

        Assert.Equal("fits on n if it were uncordoned (kubectl uncordon n)", remedy.Sentence());
    }

    [Fact]
    public void TolerateTaints_DedicatedNode_NamesTheTaint()
    {
        var snapshot = Load([MakeNode.Named("n").Cpu("8").Taint("dedicated", "team-a").Build()], []);

        var remedy = Assert.Single(Find(snapshot, MakePod.Named("p").Cpu("1").Build()));

        Assert.Equal("fits on n if the taint dedicated=team-a:NoSchedule were tolerated", remedy.Sentence());
    }

    private static IReadOnlyList<Remedy> Find(ClusterSnapshot snapshot, Pod pod) => new RemedySearch(new LedgerOptions()).Find(snapshot, pod);

    private static Pod Placed(string name, int milli, int device) => MakePod.Named(name).GpuMilli(milli).On("n")
        .Annotation(DeviceAnnotation.Key, DeviceAnnotation.Write(1u << device, GpuDemand.Share(milli))).Build();

    /// <summary>Makes the change in a cluster of its own; what is wrong with the claim, or null.</summary>
    private static string? ProblemOf(Remedy remedy, List<Node> nodes, List<Pod> pods, ClusterSnapshot before, Pod pod)
    {
        switch (remedy)
        {
            case EndPods end:
                foreach (var option in end.Options)
                {
                    var gone = option.Pods.Select(leaving => leaving.Uid).ToHashSet();
                    if (!Fits(LoadPlaced(nodes, Placements(before).Where(placed => !gone.Contains(placed.Placed.Pod.Uid))), pod.Shape).Contains(option.Node))
                    {
                        return $"does not fit on {option.Node}";
                    }
                }

                return null;
            case AskForLess less:
                return Missing(remedy, Fits(before, With(pod.Shape, less.Resource, less.To)))
                    ?? (Fits(before, With(pod.Shape, less.Resource, less.To + 1)).Count > 0 ? "more would fit as well" : null);
            case AcceptModel accept:
                return Missing(remedy, Fits(before, pod.Shape.With(GpuResourceCatalog.Default, models: ModelSelector.Parse($"{pod.Shape.Models}|{accept.Model}"))));
            case TolerateTaints tolerate:
                var tolerations = tolerate.Taints.Select(taint => new Toleration(taint.Key, "Equal", taint.Value, taint.Effect));
                return Missing(remedy, Fits(before, pod.Shape.With(GpuResourceCatalog.Default, tolerations: [.. pod.Shape.Tolerations, .. tolerations])));
            case NodesRecover recover:
                return Missing(remedy, Fits(LoadPlaced(nodes.Select(node => Without(node, recover.Taints)), Placements(before)), pod.Shape));
            case AddNode add:
                var like = nodes.Single(node => node.Name == add.Like);
                return Fits(LoadPlaced([.. nodes, Copy(like, "one-more", like.Taints)], Placements(before)), pod.Shape).Contains("one-more") ? null : "does not fit there";
            case FitTheNodes large:
                var empty = Load([nodes.Single(node => node.Name == large.Like)], []);
                return Fits(empty, With(pod.Shape, large.Resource, large.To)).Count == 0 ? "does not fit there"
                    : nodes.Any(node => Fits(Load([node], []), With(pod.Shape, large.Resource, large.To + 1)).Count > 0) ? "more would fit as well" : null;
            default:
                return "a kind that the test does not know";
        }
    }

    private static string? Missing(Remedy remedy, HashSet<string> fits) =>
        fits.Count != remedy.NodeCount ? $"fits on {fits.Count} nodes" : remedy.Nodes.Except(fits).Any() ? $"fits on {string.Join(", ", fits)} only" : null;

    private static PodShape With(PodShape shape, string resource, long amount) => shape.With(
        GpuResourceCatalog.Default, [.. shape.Requests.ToArray().Select(request => request.Name == resource ? request with { Amount = amount } : request)]);

    private static Node Without(Node node, IReadOnlyList<Taint> taints) => Copy(node, node.Name, [.. node.Taints.Except(taints)]);

    private static Node Copy(Node node, string name, IReadOnlyList<Taint> taints) => new()
    {
        Name = name,
        Labels = node.Labels,
        Taints = taints,
        Allocatable = node.Allocatable,
        Capacity = node.Capacity,
        IsUnschedulable = node.IsUnschedulable && taints.Contains(Taint.Unschedulable),
        Gpu = node.Gpu,
    };

    private static HashSet<string> Fits(ClusterSnapshot snapshot, PodShape shape)
    {
        var filter = new PodFilter(snapshot.Tables, shape);
        return [.. snapshot.Names.Rows.ToArray().Where(row => filter.Check(snapshot.PageOf(row.Row), row.Row & NodePage.RowMask).IsNone).Select(row => row.Name)];
    }

    private static IEnumerable<(PlacedPod Placed, string Node)> Placements(ClusterSnapshot snapshot) =>
        snapshot.Names.Rows.ToArray().SelectMany(row => snapshot.PageOf(row.Row).Pods(row.Row & NodePage.RowMask).ToArray().Select(placed => (placed, row.Name)));

    private static ClusterSnapshot Load(IEnumerable<Node> nodes, IEnumerable<Pod> pods)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        foreach (var pod in pods) ledger.UpsertPod(pod);
        return ledger.Publish();
    }

    private static ClusterSnapshot LoadPlaced(IEnumerable<Node> nodes, IEnumerable<(PlacedPod Placed, string Node)> pods)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        foreach (var (placed, node) in pods) ledger.Place(placed, node);
        return ledger.Publish();
    }

    /// <summary>A few nodes of several kinds, mostly full, and a pod that asks for much.</summary>
    private static (List<Node> Nodes, List<Pod> Pods, Pod Pod) Cluster(Random random)
    {
        var nodes = new List<Node>();
        var pods = new List<Pod>();
        for (var i = 0; i < random.Next(1, 6); i++)
        {
            var gpus = random.Next(0, 9);
            var make = MakeNode.Named($"n{i}").Cpu("32").Memory("64Gi").Pods(random.Next(3, 20));
            if (gpus > 0) make.Gpus(gpus).Model(Models[random.Next(Models.Length)]);
            foreach (var taint in TaintsToGive.Where(_ => random.Next(6) == 0)) make.Taint(taint.Key, taint.Value, taint.Effect);
            if (random.Next(6) == 0) make.Unschedulable();
            nodes.Add(make.Build());
            for (var j = 0; j < random.Next(0, 12); j++)
            {
                var pod = MakePod.Named($"p{i}-{j}").On($"n{i}").Cpu($"{random.Next(1, 6)}").Priority(random.Next(3));
                if (random.Next(3) == 0) pod.GpuMilli(random.Next(1, 10) * 100);
                else if (random.Next(2) == 0) pod.Gpus(random.Next(1, 4));
                if (random.Next(8) == 0) pod.Controller("DaemonSet", "agent");
                pods.Add(pod.Build());
            }
        }

        var asked = MakePod.Named("asked").Cpu($"{random.Next(1, 34)}").Memory($"{random.Next(1, 66)}Gi").Priority(random.Next(3));
        if (random.Next(3) > 0) asked.Gpus(random.Next(1, 9));
        else if (random.Next(2) == 0) asked.GpuMilli(random.Next(1, 10) * 100);
        if (random.Next(3) == 0) asked.Models(Models[random.Next(Models.Length)]);
        if (random.Next(3) == 0) asked.Tolerate("dedicated", "team-a");
        return (nodes, pods, asked.Build());
    }
}
