using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Mig;

public sealed class MigStrategyTests
{
    private static readonly MigGeometry A100 = Gpus.Named("A100-40GB");

    private readonly MigLearner _learner = new(MigCatalog.Default, GpuResourceCatalog.Default);
    private readonly ScoringResolver _resolver = new(GpuResourceCatalog.Default);
    private readonly ClusterLedger _ledger;

    public MigStrategyTests() => _ledger = new ClusterLedger(new LedgerOptions
    {
        PodArrived = _learner.Arrive,
        MigValues = geometry => _learner.Current(_ledger!.Publish()).ValuesOf(geometry),
    });

    [Fact]
    public void Score_OneG_LeavesTheLastThreeG()
    {
        Add(Dynamic("a"), Dynamic("b"));
        Bound("a", "4g.20gb", 0);
        Bound("b", "3g.20gb", 4);
        Bound("b", "1g.5gb", 0);

        Assert.Equal("b", Best("1g.5gb"));
        Assert.Equal("a", Best("3g.20gb"));
    }

    [Fact]
    public void Place_SevenOneG_LeaveRoomForOneSevenG()
    {
        Add(Dynamic("a"), Dynamic("b"));
        for (var i = 0; i < 7; i++) Place("1g.5gb");

        Assert.NotNull(Place("7g.40gb"));
        Assert.Null(Best("1g.5gb"));
    }

    [Fact]
    public void Score_WhatIsAskedForOften_IsKept()
    {
        // b can lose its 2g places or its 3g place: what pods ask for decides.
        Add(Dynamic("a"), Dynamic("b"));
        Bound("a", "3g.20gb", 4);
        Bound("b", "4g.20gb", 0);
        for (var i = 0; i < 300; i++) _learner.Arrive(Slice("3g.20gb"));
        var kept = Best("1g.5gb");
        for (var i = 0; i < 100_000; i++) _learner.Arrive(Slice("4g.20gb"));

        Assert.Equal(("b", "b"), (Best("1g.5gb"), kept ?? ""));
        Assert.Equal("a", Best("4g.20gb"));
    }

    [Fact]
    public void Score_FixedSlices_StaysOffLargeSlicesAndWholeGpus()
    {
        Add(
            Fixed("plain").MigSlices("1g.5gb", 7).Build(),
            Fixed("large").MigSlices("1g.5gb", 7).MigSlices("3g.20gb", 2).Build(),
            Fixed("whole").MigSlices("1g.5gb", 7).Gpus(4).Build());

        Assert.Equal("plain", Best("1g.5gb"));
        Assert.Equal("large", Best("3g.20gb"));
        _ledger.DeleteNode("plain", "uid-of-plain");
        Assert.Equal("large", Best("1g.5gb"));
    }

    [Fact]
    public void Score_FixedAndDynamic_TakesTheFixedSliceAndSparesTheGpu()
    {
        Add(Dynamic("a"), Fixed("b").MigSlices("1g.5gb", 2).Build());

        Assert.Equal("b", Best("1g.5gb"));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Score_EveryWidth_EqualsScalarAndExplanation(int seed)
    {
        var random = new Random(seed);
        string[] profiles = ["1g.5gb", "2g.10gb", "3g.20gb", "4g.20gb", "1g.5gb.me"];
        for (var i = 0; i < 300; i++)
        {
            Add(random.Next(2) == 0 ? Dynamic($"n{i}", random.Next(1, 5)) : Fixed($"n{i}").MigSlices("1g.5gb", 7).MigSlices(profiles[random.Next(5)], 3).Gpus(random.Next(3)).Build());
        }

        for (var i = 0; i < 400; i++) _ledger.Assume(MakePod.Named($"p{i}").MigSlices(profiles[random.Next(5)], 1).Build(), $"n{random.Next(300)}");
        var snapshot = _ledger.Publish();
        var prices = _learner.Current(snapshot).Prices;
        var shape = MakePod.Named("q").Cpu("3").MigSlices(profiles[random.Next(4)], 1 + random.Next(2)).MigSlices("1g.5gb.me", 1).Shape();
        var request = _resolver.Resolve(snapshot.Tables, shape);
        var scalar = new MigStrategy(MigCatalog.Default, prices, LaneWidth.Scalar);
        var (expected, actual) = (new float[NodePage.RowCount], new float[NodePage.RowCount]);
        foreach (var width in Enum.GetValues<LaneWidth>())
        {
            var strategy = new MigStrategy(MigCatalog.Default, prices, width);
            foreach (var page in snapshot.Pages)
            {
                scalar.Score(page, request, expected);
                strategy.Score(page, request, actual);
                Assert.Equal(expected, actual);
                for (var row = 0; row < NodePage.RowCount; row += 17)
                {
                    if (page.Node(row) is null) continue;
                    Assert.Equal(expected[row], strategy.Explain(page, row, request).Sum(term => term.Points), 1e-4f * Math.Abs(expected[row]));
                }
            }
        }
    }

    [Fact]
    public void Score_Steady_AllocatesNothing()
    {
        for (var i = 0; i < 200; i++) Add(i % 2 == 0 ? Dynamic($"n{i}", 4) : Fixed($"n{i}").MigSlices("1g.5gb", 7).Build());
        var snapshot = _ledger.Publish();
        var strategy = _learner.Current(snapshot);
        var request = _resolver.Resolve(snapshot.Tables, Slice("2g.10gb"));
        var scores = new float[NodePage.RowCount];
        strategy.Score(snapshot.Pages[0], request, scores);

        Assert.Equal(0, Allocations.Least(_ =>
        {
            for (var i = 0; i < 100; i++) strategy.Score(snapshot.Pages[0], request, scores);
        }));
    }

    [Fact]
    public void Current_PricesAboutTheSame_IsTheSameInstance()
    {
        for (var i = 0; i < 100; i++) Add(Dynamic($"n{i}", 8));
        for (var i = 0; i < 100; i++) _learner.Arrive(Slice("1g.5gb"));
        var strategy = _learner.Current(_ledger.Publish());
        _ledger.Assume(MakePod.Named("p").MigSlices("1g.5gb", 1).Build(), "n1");

        Assert.Same(strategy, _learner.Current(_ledger.Publish()));
        for (var i = 0; i < 1000; i++) _learner.Arrive(Slice("2g.10gb"));
        Assert.NotSame(strategy, _learner.Current(_ledger.Publish()));
    }

    public static TheoryData<int> Seeds() => [1, 2, 3, 4, 5];

    private static Node Dynamic(string name, int gpus = 1) => MakeNode.Named(name).DynamicMig(A100, gpus).Cpu("64").Build();

    private static MakeNode Fixed(string name) => MakeNode.Named(name).Model("NVIDIA-A100-SXM4-40GB").GpuMemoryMiB(40960).Cpu("64");

    private static PodShape Slice(string profile) => MakePod.Named("q").Cpu("4").MigSlices(profile, 1).Shape();

    private void Add(params IEnumerable<Node> nodes)
    {
        foreach (var node in nodes) _ledger.UpsertNode(node);
    }

    private void Bound(string node, string profile, int start) => _ledger.UpsertPod(MakePod.Named($"{profile}-at-{start}-on-{node}").MigSlices(profile, 1).On(node)
        .Annotation(DeviceAnnotation.Key, $$"""[{"index":0,"profile":"{{profile}}","start":{{start}}}]""").Build());

    private string? Place(string profile)
    {
        if (Best(profile) is not { } node) return null;
        var pod = MakePod.Named($"p{_ledger.PodCount}").Cpu("4").MigSlices(profile, 1).Build();
        Assert.True(_ledger.Assume(pod, node).IsPlaced);
        return node;
    }

    private string? Best(string profile)
    {
        var snapshot = _ledger.Publish();
        var strategy = _learner.Current(snapshot);
        var filter = new PodFilter(snapshot.Tables, Slice(profile));
        var request = _resolver.Resolve(snapshot.Tables, Slice(profile));
        var scores = new float[NodePage.RowCount];
        var best = -1;
        foreach (var row in snapshot.Names.Rows)
        {
            strategy.Score(snapshot.Pages[0], request, scores);
            if (filter.Check(snapshot.Pages[0], row.Row).IsNone && (best < 0 || scores[row.Row] > scores[best])) best = row.Row;
        }

        return best < 0 ? null : snapshot.Pages[0].Node(best)!.Name;
    }
}
