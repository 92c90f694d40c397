using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Scoring;

public sealed class PreferJoinedTests
{
    [Fact]
    public void Score_NodeWithFreeIsland_BeatsAnyOther()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("switched").Cpu("96").Gpus(8).Model("NVIDIA-H100-80GB-HBM3").Build());
        ledger.UpsertNode(MakeNode.Named("alone").Cpu("96").Gpus(8).Model("NVIDIA-L40S").Build());
        ledger.UpsertPod(MakePod.Named("a").Gpus(4).On("alone").Build());
        var snapshot = ledger.Publish();
        var shape = MakePod.Named("p").Gpus(4).Annotation(ConstraintAnnotations.LinkIsland, "preferred").Shape();
        var request = new ScoringResolver(GpuResourceCatalog.Default).Resolve(snapshot.Tables, shape);
        var inner = new PackGpus();
        var (plain, joined) = (new float[NodePage.RowCount], new float[NodePage.RowCount]);

        inner.Score(snapshot.Pages[0], in request, plain);
        new PreferJoined(inner).Score(snapshot.Pages[0], in request, joined);

        Assert.True(plain[1] > plain[0]);
        Assert.True(joined[0] > joined[1] + 100_000);
        for (var row = 0; row < 2; row++)
        {
            Assert.Equal(joined[row], new PreferJoined(inner).Explain(snapshot.Pages[0], row, in request).Sum(term => term.Points), 0.05f);
        }
    }
}
