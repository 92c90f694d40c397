using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Packing;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Packing;

public class PackingLearnerTests
{
    [Fact]
    public void Ledger_PodsThatComeAndGo_AreCountedOnce()
    {
        var histogram = new WorkloadHistogram();
        var learner = new PackingLearner(PackingPolicies.Find("ResidualValue")!, histogram);
        var ledger = new ClusterLedger(new LedgerOptions { PodArrived = learner.Arrive, PodDeparted = learner.Depart });
        ledger.UpsertNode(MakeNode.Named("n").Cpu("8").Gpus(2).Build());
        var placed = MakePod.Named("placed").Cpu("1").Gpus(1).Build();

        ledger.UpsertPod(placed);
        ledger.Assume(placed, "n");
        ledger.UpsertPod(MakePod.Named("placed").Cpu("1").Gpus(1).On("n").Build());
        ledger.UpsertPod(MakePod.Named("waiting").Cpu("1").Build());
        ledger.DeletePod(placed.Uid);
        ledger.DeletePod("uid-of-default/waiting");

        Assert.Equal(2, histogram.Arrivals);
        Assert.Equal(1, histogram.Departures);
    }

    [Fact]
    public void Summary_AfterABuild_TellsTheMostFrequentShapesAndNoMore()
    {
        var learner = new PackingLearner(PackingPolicies.Find("ResidualValue")!, new WorkloadHistogram(halfLife: 1e9));
        Assert.Same(PackingSummary.Empty, learner.Summary);
        for (var i = 0; i < 40; i++)
        {
            for (var j = 0; j <= i; j++) learner.Arrive(MakePod.Named("p").Cpu($"{i + 1}").Gpus(1).Build().Shape);
        }

        learner.Depart();
        learner.Current(new PackingCluster(1, nodes: 20).Churn(0));
        var summary = learner.Summary;

        Assert.Equal(PackingSummary.MaxTop, summary.Top.Count);
        Assert.Equal(40_000, summary.Top[0].Shape.CpuMilli);
        Assert.Equal(40, summary.Top[0].Weight, 1e-3);
        Assert.Equal(40, summary.Shapes);
        Assert.Equal(1.0 / 820, summary.DeparturesPerArrival, 1e-6);
        Assert.Equal(1, summary.Builds);
    }

    [Fact]
    public void Current_NothingNew_IsTheSameInstance()
    {
        var cluster = new PackingCluster(1);
        var snapshot = cluster.Churn(100);
        var learner = new PackingLearner(PackingPolicies.Find("ResidualValue")!, new WorkloadHistogram());
        learner.Arrive(PackingCluster.Shapes[1]);

        var first = learner.Current(snapshot);

        Assert.Same(first, learner.Current(snapshot));
        Assert.Equal(1, learner.Builds);
    }

    [Fact]
    public void Current_ManyArrivals_BuildsOftenAtFirstAndSeldomLater()
    {
        var cluster = new PackingCluster(1, nodes: 20);
        var snapshot = cluster.Churn(20);
        var learner = new PackingLearner(PackingPolicies.Find("ResidualValue")!, new WorkloadHistogram());
        var builds = new List<int>();
        for (var i = 1; i <= 2000; i++)
        {
            learner.Arrive(PackingCluster.Shapes[i % PackingCluster.Shapes.Count]);
            learner.Current(snapshot);
            if (i is 4 or 1200 or 2000) builds.Add(learner.Builds);
        }

        Assert.Equal(4, builds[0]);
        Assert.InRange(builds[2] - builds[1], 2, 3);
    }

    [Fact]
    public void Current_NodeAdded_BuildsAnew()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("a").Cpu("8").Gpus(2).Build());
        var learner = new PackingLearner(PackingPolicies.Find("BestFit")!, new WorkloadHistogram());
        var first = learner.Current(ledger.Publish());
        ledger.UpsertNode(MakeNode.Named("b").Cpu("64").Gpus(8).Build());

        Assert.NotSame(first, learner.Current(ledger.Publish()));
    }
}
