using System.Text;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Extender.Recording;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests.Recording;

public sealed class DecisionRingTests
{
    private static readonly string[] Nodes = ["a", "b", "c"];

    private readonly FakeTimeProvider _time = new();
    private readonly DecisionRing _ring;
    private readonly ExtenderHarness _harness;

    public DecisionRingTests()
    {
        _ring = new DecisionRing(8, _time);
        _harness = Harness(_ring);
    }

    [Fact]
    public void Newest_OfFilterPrioritizeAndBind_HasWhatIsNeededToExplainThem()
    {
        var pod = MakePod.Named("train").Namespace("team-a").Uid("u-1").Gpus(2).Build();
        _harness.CallRaw(ExtenderVerb.Filter, RequestBody.Args(pod, ["a", "b"]));
        _harness.CallRaw(ExtenderVerb.Prioritize, RequestBody.Args(pod, ["b"]));
        _harness.Binder.Answer = _ => BindOutcome.Bound(0b101);
        _harness.Bind("""{"PodName":"train","PodNamespace":"team-a","PodUID":"u-1","Node":"b"}""");

        var calls = _ring.Newest();

        Assert.Equal([ExtenderVerb.Bind, ExtenderVerb.Prioritize, ExtenderVerb.Filter], calls.Select(call => call.Verb));
        Assert.All(calls, call => Assert.Equal(new PodIdentity("team-a", "train", "u-1"), call.Pod));
        Assert.Equal(("b", 0b101u), (calls[0].Node, calls[0].DeviceMask));
        Assert.Same(_harness.Store.Current, calls[1].Snapshot);
        Assert.Same(_harness.Strategy.Current, calls[1].Strategy);
        Assert.Equal((2, 1), (calls[2].Counts.NodesIn, calls[2].Counts.NodesOut));
        Assert.Equal(pod.Shape, calls[2].Shape);
        Assert.Equal(0b011UL, calls[2].Asked[0]);
        Assert.Equal(0b010UL, calls[1].Asked[0]);
        Assert.NotNull(calls[2].Reading);
        Assert.NotNull(calls[2].Deciding);
    }

    [Fact]
    public void Newest_AfterTheClusterChanged_IsExplainedByTheSnapshotOfThatTime()
    {
        var pod = MakePod.Named("p").Gpus(4).Build();
        _harness.CallRaw(ExtenderVerb.Filter, RequestBody.Args(pod, Nodes));
        _harness.With(MakeNode.Named("a").Gpus(0).Build(), MakeNode.Named("b").Gpus(0).Build(), MakeNode.Named("c").Gpus(0).Build());

        var call = Assert.Single(_ring.Newest());
        var answer = new ClusterQuestion(new ScoringResolver(GpuResourceCatalog.Default))
            .Ask(call.Snapshot!, call.Shape!, [.. call.Asked], new PackGpus(), new LedgerOptions().ChooseDevices, 3);

        Assert.Equal(1, answer.Feasible);
        Assert.Equal("c", Assert.Single(answer.Best).Name);
        Assert.Equal(["a", "b"], Assert.Single(answer.Reasons).Examples);
    }

    [Fact]
    public void Newest_OfMoreCallsThanItHolds_AreTheLastOnes()
    {
        for (var i = 0; i < 20; i++) _harness.CallRaw(ExtenderVerb.Filter, RequestBody.Args(MakePod.Named($"p{i}").Build(), Nodes));

        Assert.Equal(20, _ring.Recorded);
        Assert.Equal(["p19", "p18", "p17", "p16", "p15", "p14", "p13", "p12"], _ring.Newest().Select(call => call.Pod.Name));
    }

    [Fact]
    public void Newest_OfACallThatFailed_SaysWhy()
    {
        _harness.CallRaw(ExtenderVerb.Filter, RequestBody.Args(MakePod.Named("p").Build(), Nodes));
        _harness.CallRaw(ExtenderVerb.Filter, "{");

        var call = _ring.Newest()[0];
        Assert.Contains("malformed", call.Error, StringComparison.Ordinal);
        Assert.Equal(default, (call.Pod.Name.Length, call.Snapshot));
    }

    [Fact]
    public void Newest_OfPreempt_NamesThePod()
    {
        _harness.CallRaw(
            ExtenderVerb.Preempt,
            """{"Pod":{"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{}},"NodeNameToMetaVictims":{}}""");

        Assert.Equal(new PodIdentity("n", "p", "u"), Assert.Single(_ring.Newest()).Pod);
    }

    [Fact]
    public void Newest_WhenOldSnapshotsCostTooMuch_HasThoseOfTheNewestCalls()
    {
        var ring = new DecisionRing(8, _time, keptBytes: 25_000);
        var harness = Harness(ring);
        for (var i = 0; i < 6; i++)
        {
            harness.CallRaw(ExtenderVerb.Filter, RequestBody.Args(MakePod.Named($"p{i}").Build(), Nodes));
            harness.With(MakePod.Named($"on-{i}").Cpu("1m").On("a").Build());
        }

        var calls = ring.Newest();
        Assert.Equal(6, calls.Count);
        Assert.Equal([true, true, false, false, false, false], calls.Select(call => call.Snapshot is not null));
    }

    [Fact]
    public void Newest_WhenTheClusterChangesFasterThanCanBeKept_HasSnapshotsOfSomeCallsAndCountsOfAll()
    {
        const int Calls = 2500;
        var ring = new DecisionRing(Calls + 2, _time);
        var harness = Harness(ring);
        for (var i = 0; i < Calls; i++) Change(i);
        var many = ring.Newest().Count(call => call.Snapshot is not null);
        Change(Calls);
        var refused = ring.Newest()[0];
        _time.Advance(TimeSpan.FromSeconds(1));
        Change(Calls + 1);
        var later = ring.Newest()[0];

        Assert.InRange(many, 1500, 1750);
        Assert.Equal((null, 3), (refused.Snapshot, refused.Counts.NodesIn));
        Assert.NotNull(later.Snapshot);

        void Change(int i)
        {
            harness.With(MakePod.Named($"on-{i}").Cpu("1m").On("a").Build());
            harness.CallRaw(ExtenderVerb.Filter, RequestBody.Args(MakePod.Named($"p{i}").Build(), Nodes));
        }
    }

    [Fact]
    public async Task Newest_ReadWhileManyWrite_IsNeverMixed()
    {
        var ring = new DecisionRing(4, _time);
        var harness = Harness(ring);
        byte[][] bodies = [.. Enumerable.Range(1, 8).Select(gpus =>
            Encoding.UTF8.GetBytes(RequestBody.Args(MakePod.Named($"p{gpus}").Uid($"u{gpus}").Gpus(gpus).Build(), Nodes.Take((gpus % 3) + 1))))];
        var seen = 0;
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            // At least once, also where it gets no processor before all is written.
            do
            {
                foreach (var call in ring.Newest())
                {
                    var gpus = call.Shape!.Gpu.Count;
                    Assert.Equal(($"p{gpus}", $"u{gpus}"), (call.Pod.Name, call.Pod.Uid));
                    Assert.Equal((1UL << ((gpus % 3) + 1)) - 1, call.Asked[0]);
                    seen++;
                }
            }
            while (!done.IsCancellationRequested);
        });
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => harness.CallRaw(ExtenderVerb.Filter, bodies[i % bodies.Length]));
        await done.CancelAsync();
        await reading;
        Assert.Equal(20_000, ring.Recorded);
        Assert.True(seen > 0);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"nodeName":""", "n", "p", "u")]
    [InlineData("""{"kind":"Pod","metadata":{"labels":{"name":"x"},"name":"p","uid":"u""", "default", "p", "")]
    [InlineData("""{"spec":{"name":"x"},"metadata":{"uid":"u"}}""", "", "", "u")]
    [InlineData("", "", "", "")]
    public void ReadBeginning_OfJsonThatMayBeCut_FindsWhatIsThere(string json, string inNamespace, string name, string uid) =>
        Assert.Equal(new PodIdentity(inNamespace, name, uid), PodIdentity.ReadBeginning(Encoding.UTF8.GetBytes(json)));

    private ExtenderHarness Harness(DecisionRing ring) => new ExtenderHarness(decisions: ring, time: _time).With(
        MakeNode.Named("a").Cpu("8").Gpus(1).Build(), MakeNode.Named("b").Cpu("8").Gpus(2).Build(), MakeNode.Named("c").Cpu("8").Gpus(8).Build());
}
