using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Gangs;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Explaining;

public sealed class PodExplainerTests
{
    private static readonly PodExplainer Explainer = new(new LedgerOptions(), new ScoringResolver(GpuResourceCatalog.Default), _ => new PackGpus(), new GangPlans(new LedgerOptions()));

    [Fact]
    public void Explain_NodesWithSeveralReasons_CountsEachAndThoseThatStandAlone()
    {
        var snapshot = Snapshot(
            MakeNode.Named("small").Cpu("2").Gpus(1).Build(),
            MakeNode.Named("no-gpu").Cpu("64").Build(),
            MakeNode.Named("neither").Cpu("2").Build());

        var answer = Explainer.Explain(snapshot, MakePod.Named("p").Cpu("4").Gpus(1).Build()).Answer;

        Assert.Equal((3, 0), (answer.Asked, answer.Feasible));
        Assert.Equal(
            [("Insufficient cpu", 2, 1, "small neither"), ("Insufficient nvidia.com/gpu", 2, 1, "no-gpu neither")],
            answer.Reasons.Select(reason => (reason.Reason, reason.Nodes, reason.Alone, string.Join(' ', reason.Examples))));
        Assert.Equal(
            "fits on none of 3 nodes: 2 Insufficient cpu (1 of them for nothing else), 2 Insufficient nvidia.com/gpu (1 of them for nothing else)", answer.Sentence());
    }

    [Fact]
    public void Explain_ReasonsThatStandBehindACount_ReadAsKubeSchedulersOwn()
    {
        var snapshot = Snapshot(
            MakeNode.Named("a").Gpus(16).Model("Tesla-T4-SHARED").Build(), MakeNode.Named("b").Gpus(16).Model("Tesla-T4-SHARED").Build());

        Assert.Equal(
            "fits on none of 2 nodes: 2 node(s) had replicas of shared GPUs, 8 of which may be one card",
            Explainer.Explain(snapshot, MakePod.Named("p").Gpus(8).Build()).Answer.Sentence());
        Assert.Equal(
            "fits on none of 2 nodes: 2 node(s) not for GPU share, need skip",
            Explainer.Explain(snapshot, MakePod.Named("p").Request("aliyun.com/gpu-mem", "4").Build()).Answer.Sentence());
    }

    [Fact]
    public void Explain_ModelsOfSeveralKinds_AreOneReasonInTheSentence()
    {
        var snapshot = Snapshot(
            MakeNode.Named("a").Gpus(1).Model("NVIDIA-L40S").Build(), MakeNode.Named("b").Gpus(1).Model("Tesla-T4").Build());

        var answer = Explainer.Explain(snapshot, MakePod.Named("p").Gpus(1).Models("NVIDIA-H100*").Build()).Answer;

        Assert.Equal(2, answer.Reasons.Count);
        Assert.Equal("fits on none of 2 nodes: 2 GPU model mismatch", answer.Sentence());
    }

    [Fact]
    public void Explain_FeasibleNodes_AreScoredWithTermsThatAddUp()
    {
        var snapshot = Snapshot(MakeNode.Named("four").Cpu("8").Memory("64Gi").Gpus(4).Build(), MakeNode.Named("two").Cpu("8").Memory("64Gi").Gpus(2).Build());

        var explanation = Explainer.Explain(snapshot, MakePod.Named("p").Cpu("1").Gpus(1).Build());

        Assert.Empty(explanation.Remedies);
        Assert.Equal([("two", 10), ("four", 0)], explanation.Answer.Best.Select(node => (node.Name, node.Score)));
        Assert.All(explanation.Answer.Best, node => Assert.Equal(node.Points, node.Terms.Sum(term => term.Points), 0.01f));
        Assert.All(explanation.Answer.Best, node => Assert.Equal([0], node.Devices));
    }

    [Fact]
    public void Explain_Copies_CountsThoseThatFitTogether()
    {
        var snapshot = Snapshot(MakeNode.Named("a").Gpus(4).Build(), MakeNode.Named("b").Gpus(3).Build());
        var pod = MakePod.Named("p").Gpus(2).Build();

        Assert.Equal(3, Explainer.Explain(snapshot, pod, copies: 8).CopiesThatFit);
        Assert.Equal(1, Explainer.Explain(snapshot, pod).CopiesThatFit);
    }

    [Fact]
    public void Explain_GangThatDoesNotFit_GivesItsReasonAndNoNode()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 2, nodes: 2).Busy("r0-c0-n0", 1);
        var pod = cluster.Gang("train", pods: 2, gpus: 8, pod => pod.Annotation("gpu-scheduler.io/topology-required", TopologyLevels.Clique))[0];
        cluster.Busy("r0-c1-n1", 1);

        var explanation = Explain(cluster, pod);

        Assert.Equal(
            $"gang default/train: 1 of 2 pods fit at once in the best domain, {TopologyLevels.Clique}=r0.c0, no room for 1 more with cpu=1000m memory=1024Mi nvidia.com/gpu=8",
            explanation.Answer.Sentence());
        Assert.Equal((4, 0, 0), (explanation.Answer.Asked, explanation.Answer.Feasible, explanation.CopiesThatFit));
        Assert.Empty(explanation.Answer.Best);
        // Two of the four nodes have no other reason: alone the pod would fit there.
        Assert.Equal((explanation.Answer.Sentence(), 4, 2), (explanation.Answer.Reasons[0].Reason, explanation.Answer.Reasons[0].Nodes, explanation.Answer.Reasons[0].Alone));
        Assert.All(explanation.Answer.Reasons.Skip(1), reason => Assert.Equal(0, reason.Alone));
    }

    [Fact]
    public void Explain_GangOfWhichNoPodFits_AddsWhatNodesSay()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 1, gpus: 4);
        var pod = cluster.Gang("train", pods: 2, gpus: 8)[0];

        var explanation = Explain(cluster, pod);

        Assert.EndsWith("; one of them alone fits on none of 1 node: 1 Insufficient nvidia.com/gpu", explanation.Answer.Sentence(), StringComparison.Ordinal);
        Assert.NotEmpty(explanation.Remedies);
    }

    [Fact]
    public void Explain_GangThatFits_NamesThePlannedNodeAndThePodsThatAreMissing()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pod = cluster.Gang("train", pods: 2, gpus: 8, size: 3)[1];
        var plan = cluster.Plan("train");
        var node = plan.Places[plan.PlaceOf(pod.Uid)].NodeName;

        var explanation = Explain(cluster, pod);

        Assert.Equal(
            $"gang default/train: 2 of its 3 pods exist, and all would fit at once in {TopologyLevels.Clique}=r0.c0; train-1 goes to {node} once 1 more pod exists",
            explanation.Answer.Sentence());
        Assert.Equal((1, 1), (explanation.Answer.Feasible, explanation.CopiesThatFit));
        Assert.All(explanation.Answer.Best, best => Assert.Equal(node, best.Name));

        cluster.Gang("train", pods: 1, gpus: 8, size: 3, first: 2);

        Assert.StartsWith("gang default/train: its 3 pods fit at once in ", Explain(cluster, pod).Answer.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_PodOfAGangThatHoldsItsNode_IsAnsweredAsIfItWereAlone()
    {
        var cluster = GangCluster.Racks(racks: 1, cliques: 1, nodes: 4);
        var pod = cluster.Gang("train", pods: 2, gpus: 8)[0];
        cluster.Start("train");

        Assert.Equal("fits on 2 of 4 nodes", Explain(cluster, pod).Answer.Sentence());
    }

    [Fact]
    public void Explain_NoNodes_SaysSo() =>
        Assert.Equal("there is no node to ask", Explainer.Explain(ClusterSnapshot.Empty, MakePod.Named("p").Gpus(1).Build()).Answer.Sentence());

    private static PodExplanation Explain(GangCluster cluster, Pod pod) =>
        new PodExplainer(new LedgerOptions(), new ScoringResolver(GpuResourceCatalog.Default), _ => new PackGpus(), cluster.Plans).Explain(cluster.Ledger.Publish(), pod);

    private static ClusterSnapshot Snapshot(params IEnumerable<Node> nodes)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        return ledger.Publish();
    }
}
