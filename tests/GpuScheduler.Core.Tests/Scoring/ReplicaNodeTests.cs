using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Scoring;

/// <summary>Nodes whose plugin offers one card several times under the whole GPU's own name.</summary>
public sealed class ReplicaNodeTests
{
    private readonly ClusterLedger _ledger = new();

    public ReplicaNodeTests()
    {
        _ledger.UpsertNode(MakeNode.Named("empty-replicas").Cpu("32").Memory("128Gi").Gpus(4).Model("Tesla-T4-SHARED").Build());
        _ledger.UpsertNode(MakeNode.Named("used-replicas").Cpu("32").Memory("128Gi").Gpus(4).Model("Tesla-T4-SHARED").Build());
        _ledger.UpsertNode(MakeNode.Named("cpu").Cpu("32").Memory("128Gi").Build());
        _ledger.UpsertNode(MakeNode.Named("whole").Cpu("32").Memory("128Gi").Gpus(8).Build());
        _ledger.UpsertPod(MakePod.Named("running").Gpus(2).On("used-replicas").Build());
    }

    [Fact]
    public void PackGpus_PodWithoutGpus_AvoidsReplicaNodes()
    {
        var scores = Score(MakePod.Named("p").Cpu("1"));

        Assert.True(scores["cpu"] > scores["used-replicas"]);
        Assert.True(scores["used-replicas"] > scores["empty-replicas"]);
    }

    [Fact]
    public void PackGpus_PodWithAGpu_FillsReplicasBegunBefore()
    {
        var scores = Score(MakePod.Named("p").Gpus(1));

        Assert.True(scores["used-replicas"] > scores["empty-replicas"]);
        Assert.True(scores["empty-replicas"] > scores["whole"], "a quarter of a node is more than an eighth");
    }

    private Dictionary<string, float> Score(MakePod pod)
    {
        var snapshot = _ledger.Publish();
        var request = new ScoringResolver(GpuResourceCatalog.Default).Resolve(snapshot.Tables, pod.Build().Shape);
        var scores = new float[NodePage.RowCount];
        new PackGpus().Score(snapshot.Pages[0], in request, scores);
        return snapshot.Names.Rows.ToArray().ToDictionary(row => row.Name, row => scores[row.Row]);
    }
}
