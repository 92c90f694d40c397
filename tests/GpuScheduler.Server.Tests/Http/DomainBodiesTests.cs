using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Cli;
using GpuScheduler.Server.Http;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Http;

public sealed class DomainBodiesTests
{
    private const string Rack = "topology.example/rack";

    private readonly ClusterLedger _ledger = new(new LedgerOptions { Levels = new TopologyLevels([Rack]) });

    public DomainBodiesTests()
    {
        Add(Node("open"));
        Add(Node("used"));
        Add(Node("cordoned").Unschedulable());
        Add(Node("sick").Condition("GPUMissing", "True"));
        Add(Node("exclusive"));
        Add(MakeNode.Named("slices").Cpu("8").MigSlices("1g.5gb", 4).Unschedulable().Label(Rack, "r1"));
        _ledger.UpsertPod(MakePod.Named("p").Request(GpuResourceCatalog.NvidiaGpu, "1").On("used").Build());
        _ledger.UpsertPod(MakePod.Named("x").Request(GpuResourceCatalog.NvidiaGpu, "1").Annotation(ConstraintAnnotations.ExclusiveNode, "true").On("exclusive").Build());
    }

    [Fact]
    public void List_NodesThatTakeNoPods_AreNotFree()
    {
        var domain = Assert.Single(DomainBodies.List(_ledger.Publish()).Items);

        Assert.Equal((6, 20, 4 + 3, 4), (domain.Nodes, domain.Gpus, domain.GpusFree, domain.NodesClosed));
        Assert.Equal(7000, domain.FreeMilli);
        Assert.Equal(new Dictionary<string, int> { ["0"] = 3, ["3"] = 1, ["4"] = 1 }, domain.NodesByFreeGpus);
        Assert.False(domain.IsWhole);
    }

    /// <summary>What is told to be free is what filter would give to pods of one GPU: asked node by node, for one GPU more than is told.</summary>
    [Fact]
    public void List_FreeGpus_AreThoseThatFilterGives()
    {
        var snapshot = _ledger.Publish();
        var given = 0;
        foreach (var row in snapshot.Names.Rows)
        {
            var (page, at) = (snapshot.PageOf(row.Row), row.Row & NodePage.RowMask);
            var most = Enumerable.Range(0, 6).Last(gpus => gpus == 0 || new PodFilter(snapshot.Tables, MakePod.Named("q").Gpus(gpus).Build().Shape).Check(page, at).IsNone);
            Assert.Equal(page.OpenGpus(at), most);
            given += most;
        }

        Assert.Equal(given, Assert.Single(DomainBodies.List(snapshot).Items).GpusFree);
    }

    [Fact]
    public void DomainText_NodesThatTakeNoPods_AreSaid() =>
        Assert.Contains("4 nodes take no pods", DomainText.List(DomainBodies.List(_ledger.Publish()), new Paint(isOn: false)), StringComparison.Ordinal);

    private static MakeNode Node(string name) => MakeNode.Named(name).Cpu("8").Gpus(4).Label(Rack, "r1");

    private void Add(MakeNode node) => _ledger.UpsertNode(node.Build());
}
