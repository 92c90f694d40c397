using System.Text.Json;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Simulation.Generation;

namespace GpuScheduler.Simulation.Tests.Generation;

public sealed class ClusterGeneratorTests
{
    private const string CliqueLabel = "nvidia.com/gpu.clique";

    [Fact]
    public void Generate_SameSeed_SameCluster()
    {
        Assert.Equal(Write(ClusterGenerator.Generate(250, 7, 0.5)), Write(ClusterGenerator.Generate(250, 7, 0.5)));
        Assert.NotEqual(Write(ClusterGenerator.Generate(250, 7, 0.5)), Write(ClusterGenerator.Generate(250, 8, 0.5)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(199)]
    [InlineData(1003)]
    public void Generate_AnySize_HasSoManyDifferentNodesInOrder(int count)
    {
        var names = ClusterGenerator.Generate(count, 1).Nodes.Select(node => node.Name).ToList();
        Assert.Equal(count, names.Distinct().Count());
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public void Generate_DefaultMix_HasEveryKind()
    {
        var nodes = ClusterGenerator.Generate(200, 1).Nodes;
        string[] models = ["NVIDIA-H100-80GB-HBM3", "NVIDIA-H200", "NVIDIA-GB200", "NVIDIA-A100-SXM4-40GB", "NVIDIA-L40S", "Tesla-T4", ""];
        Assert.Equal(models.Order(), nodes.Select(node => node.Gpu.Model).Distinct().Order());
        string[] slices = ["1g.5gb", "2g.10gb", "3g.20gb", "7g.40gb"];
        Assert.All(slices, slice => Assert.Contains(nodes, node => node.AllocatableOf(GpuResourceCatalog.MigPrefix + slice) > 0));
        Assert.Contains(nodes, node => node.AllocatableOf(GpuResourceCatalog.GpuMilli) == 4000 && node.AllocatableOf(GpuResourceCatalog.NvidiaGpu) == 4);
        Assert.All(nodes.Where(node => node.Gpu.Model == "Tesla-T4"), node => Assert.Equal((true, 16), (node.Gpu.IsShared, node.AllocatableOf(GpuResourceCatalog.NvidiaGpu))));
    }

    [Fact]
    public void Generate_Gb200_ComesInWholeRacksOfOneNvLinkDomain()
    {
        var racks = ClusterGenerator.Generate(1000, 3).Nodes.Where(node => node.Gpu.Model == "NVIDIA-GB200").GroupBy(node => node.Labels[CliqueLabel]).ToList();
        Assert.Equal(5, racks.Count);
        Assert.All(racks, rack => Assert.Equal(18, rack.Count()));
        Assert.All(racks, rack => Assert.Single(rack.Select(node => node.Labels["network.topology.nvidia.com/leaf"]).Distinct()));
    }

    [Fact]
    public void Generate_Mig_CountsAgreeWithWhatTheCardsHold()
    {
        var compute = new Dictionary<string, int> { ["1g.5gb"] = 1, ["2g.10gb"] = 2, ["3g.20gb"] = 3, ["7g.40gb"] = 7 };
        foreach (var node in ClusterGenerator.Generate(400, 5).Nodes.Where(node => node.Labels.ContainsKey("nvidia.com/mig.config")))
        {
            var cards = 8 - node.AllocatableOf(GpuResourceCatalog.NvidiaGpu);
            var used = compute.Sum(profile => profile.Value * node.AllocatableOf(GpuResourceCatalog.MigPrefix + profile.Key));
            Assert.InRange(used, cards * 6, cards * 7);
            Assert.All(compute.Keys.Where(profile => node.AllocatableOf(GpuResourceCatalog.MigPrefix + profile) > 0), profile =>
                Assert.Equal(node.AllocatableOf(GpuResourceCatalog.MigPrefix + profile).ToString(), node.Labels[$"nvidia.com/mig-{profile}.count"]));
        }
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Generate_Load_FitsAndIsAboutThatMuch(double load)
    {
        var cluster = ClusterGenerator.Generate(300, 2, load);
        var ledger = new ClusterLedger();
        foreach (var node in cluster.Nodes) ledger.UpsertNode(node);
        foreach (var pod in cluster.Pods) ledger.UpsertPod(pod);
        var snapshot = ledger.Publish();
        int devices = 0, whole = 0, inferred = 0;
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            for (var slot = 0; slot < snapshot.Tables.Resources.Count; slot++) Assert.True(page.Free(slot)[at] >= 0, $"{row.Name} {snapshot.Tables.Resources.Names[slot]}");
            foreach (var free in page.DeviceFreeMilli(at)) Assert.InRange(free, 0, 1000);
            devices += page.GpuCount[at];
            whole += page.GpuWholeFree[at];
            foreach (var pod in page.Pods(at)) inferred += pod.DevicesInferred ? 1 : 0;
        }

        Assert.Equal(cluster.Pods.Count, ledger.PodCount);
        Assert.Equal(0, inferred);
        Assert.InRange(1 - (double)whole / devices, load - 0.05, load + 0.05);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Generate_DynamicMig_PlacesInstancesWithoutDrift(double load)
    {
        var cluster = ClusterGenerator.Generate(100, 3, load, dynamicMig: true);
        var ledger = new ClusterLedger();
        foreach (var node in cluster.Nodes) ledger.UpsertNode(node);
        foreach (var pod in cluster.Pods) ledger.UpsertPod(pod);

        var snapshot = ledger.Publish();
        Assert.Equal(16, snapshot.Names.Rows.ToArray().Count(row => row.Mig.Mode == MigMode.Dynamic));
        Assert.Empty(SnapshotComparer.Compare(snapshot, cluster.Nodes, cluster.Pods));
        Assert.DoesNotContain(snapshot.Names.Rows.ToArray(), row => snapshot.PageOf(row.Row).Pods(row.Row & NodePage.RowMask).ToArray().Any(pod => pod.MigInferred));
        Assert.Contains(cluster.Pods, pod => !pod.Shape.Mig.IsEmpty);
    }

    [Fact]
    public void Write_ReadBack_IsTheSameCluster()
    {
        var cluster = ClusterGenerator.Generate(120, 4, 0.6);
        var nodes = new List<Node>();
        var pods = new List<Pod>();
        using var list = JsonDocument.Parse(Write(cluster));
        foreach (var item in list.RootElement.GetProperty("items").EnumerateArray())
        {
            var reader = new Utf8JsonReader(JsonSerializer.SerializeToUtf8Bytes(item));
            reader.Read();
            if (item.GetProperty("kind").GetString() == "Node") nodes.Add(new NodeReader(GpuResourceCatalog.Default).Read(ref reader));
            else pods.Add(new PodReader(GpuResourceCatalog.Default).Read(ref reader));
        }

        Assert.Equal(cluster.Pods.Select(pod => (pod.FullName, pod.Uid, pod.NodeName, pod.Shape)), pods.Select(pod => (pod.FullName, pod.Uid, pod.NodeName, pod.Shape)));
        Assert.Equal(cluster.Nodes.Select(Describe), nodes.Select(Describe));
        Assert.All(nodes, node => Assert.Empty(node.Problems));

        static string Describe(Node node) =>
            $"{node.Name} {node.Uid} {node.Gpu} {string.Join(',', node.Allocatable.OrderBy(a => a.Name, StringComparer.Ordinal))} {string.Join(',', node.Labels.OrderBy(l => l.Key, StringComparer.Ordinal))}";
    }

    private static string Write(GeneratedCluster cluster)
    {
        using var stream = new MemoryStream();
        KubernetesListWriter.Write(stream, cluster);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
