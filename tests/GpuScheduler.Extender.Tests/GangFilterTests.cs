using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class GangFilterTests
{
    private const string Clique = "nvidia.com/gpu.clique";
    private static readonly string[] Names = [.. Enumerable.Range(0, 8).Select(i => $"n{i}")];

    [Fact]
    public void Filter_MembersOfAGang_EachGetTheNodePlannedForThemAndNoOther()
    {
        var gang = Gang("train", 4, gpus: 8);
        var harness = Cluster().With(gang);

        var offered = gang.Select(pod => Assert.Single(harness.Filter(RequestBody.Args(pod, Names)).Offered)).ToArray();

        Assert.Equal(4, offered.Distinct().Count());
        Assert.Single(offered.Select(name => int.Parse(name[1..]) / 4).Distinct());
    }

    [Fact]
    public void Filter_GangDoesNotFit_RejectsEveryNodeWithOneReason()
    {
        var gang = Gang("train", 9, gpus: 8);

        var answer = Cluster().With(gang).Filter(RequestBody.Args(gang[3], Names));

        Assert.Empty(answer.Offered);
        Assert.Equal(8, answer.Unresolvable.Count);
        Assert.StartsWith("gang default/train: 8 of 9 pods fit at once", Assert.Single(answer.Unresolvable.Values.Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_PlannedNodeNotOffered_GivesThoseOfPodsLikeIt()
    {
        var gang = Gang("train", 2, gpus: 8);
        var harness = Cluster().With(gang);
        var own = harness.Filter(RequestBody.Args(gang[0], Names)).Offered[0];
        var other = harness.Filter(RequestBody.Args(gang[1], Names)).Offered[0];

        Assert.Equal([other], harness.Filter(RequestBody.Args(gang[0], Names.Except([own]))).Offered);
        var none = harness.Filter(RequestBody.Args(gang[0], Names.Except([own, other])));
        Assert.Contains("which kube-scheduler does not offer this pod", none.Unresolvable.Values.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_PodTheWatchHasNotBrought_IsRecognisedByItsLabels()
    {
        var gang = Gang("train", 9, gpus: 8);

        var answer = Cluster().Filter(RequestBody.Args(gang[0], Names));

        Assert.Empty(answer.Offered);
        Assert.Contains("8 of 9 pods fit at once", answer.Unresolvable.Values.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_WholeNodeObjects_AreAnsweredFromThePlanToo()
    {
        var gang = Gang("train", 2, gpus: 8);
        var harness = Cluster().With(gang);
        var planned = harness.Filter(RequestBody.Args(gang[0], Names)).Offered[0];

        var answer = harness.Filter(RequestBody.WholeNodes(gang[0], harness.Ledger.Nodes));

        Assert.Equal(planned, (string)Assert.Single(answer.Nodes!["items"]!.AsArray())!["metadata"]!["name"]!);
    }

    [Fact]
    public void Filter_OfAGang_ChangesNothing()
    {
        var gang = Gang("train", 4, gpus: 8);
        var harness = Cluster().With(gang);
        var before = harness.Ledger.Publish();

        foreach (var pod in gang.Concat(gang)) harness.Filter(RequestBody.Args(pod, Names));

        Assert.Same(before, harness.Ledger.Publish());
        Assert.Equal(["n0"], harness.Filter(RequestBody.Args(MakePod.Named("alone").Gpus(8).Build(), "n0")).Offered);
    }

    [Fact]
    public void Preempt_ForAPodOfAGang_EvictsNobody()
    {
        var victim = MakePod.Named("victim").Gpus(8).On("n0").Build();
        var harness = Cluster().With(victim);
        Assert.Single(harness.Preempt(RequestBody.MetaVictims(MakePod.Named("p").Gpus(8).Priority(5).Build(), ("n0", [victim.Uid]))));

        Assert.Empty(harness.Preempt(RequestBody.MetaVictims(Gang("train", 1, gpus: 8)[0], ("n0", [victim.Uid]))));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    public void Filter_OfAGangInSteadyState_AllocatesNothing(int pods)
    {
        var gang = Gang("train", pods, gpus: 8);
        var harness = Cluster().With(gang);
        var bodies = gang.Select(pod => Encoding.UTF8.GetBytes(RequestBody.Args(pod, Names))).ToArray();
        for (var i = 0; i < 100; i++) Call(harness, bodies[i % pods]);

        Assert.Equal(0, Allocations.Least(_ =>
        {
            for (var i = 0; i < 100; i++) Call(harness, bodies[i % pods]);
        }));
    }

    private static void Call(ExtenderHarness harness, byte[] body)
    {
        var call = harness.Verbs.Rent();
        call.Body.Append(body);
        harness.Verbs.Answer(ExtenderVerb.Filter, call);
        harness.Verbs.Return(call);
    }

    private static ExtenderHarness Cluster() => new ExtenderHarness().With(
        Names.Select((name, i) => MakeNode.Named(name).Gpus(8).Cpu("96").Label(Clique, $"c{i / 4}").Build()));

    private static Pod[] Gang(string name, int pods, int gpus) =>
        [.. Enumerable.Range(0, pods).Select(i => MakePod.Named($"{name}-{i}").Gpus(gpus).Cpu("1")
            .Label("gpu-scheduler.io/gang", name).Annotation("gpu-scheduler.io/gang-size", $"{pods}").Build())];
}
