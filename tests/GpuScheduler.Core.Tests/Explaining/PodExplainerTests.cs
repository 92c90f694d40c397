using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Explaining;

public sealed class PodExplainerTests
{
    private static readonly PodExplainer Explainer = new(new LedgerOptions(), new ScoringResolver(GpuResourceCatalog.Default), _ => new PackGpus());

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
    public void Explain_NoNodes_SaysSo() =>
        Assert.Equal("there is no node to ask", Explainer.Explain(ClusterSnapshot.Empty, MakePod.Named("p").Gpus(1).Build()).Answer.Sentence());

    private static ClusterSnapshot Snapshot(params IEnumerable<Node> nodes)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        return ledger.Publish();
    }
}
