using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Benchmarks;

/// <summary>A half-full cluster of whole-GPU, MIG and CPU-only nodes, the same for the same number of nodes.</summary>
internal static class BenchmarkCluster
{
    public static ClusterSnapshot Create(int nodes) => CreateLedger(nodes).Publish();

    /// <summary>The ledger of it.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="hasTopology">Whether nodes are in NVLink domains of 18, racks of 72, spines of 720 and three zones.</param>
    public static ClusterLedger CreateLedger(int nodes, bool hasTopology = false)
    {
        var random = new Random(1);
        var ledger = new ClusterLedger();
        for (var i = 0; i < nodes; i++)
        {
            var node = MakeNode.Named(NodeName(i)).Cpu("128").Memory("1Ti");
            node = (i % 10) switch
            {
                < 7 => node.Gpus(8),
                7 => node.MigSlices("1g.10gb", 14).MigSlices("3g.40gb", 7),
                _ => node,
            };
            if (hasTopology) node = WithTopology(node, i, nodes);
            ledger.UpsertNode(node.Build());
            var pod = MakePod.Named($"pod-{i}").On(NodeName(i)).Cpu($"{random.Next(1, 100)}").Memory($"{random.Next(1, 900)}Gi");
            var used = random.Next(9);
            if (i % 10 < 7 && used > 0) pod.Gpus(used);
            ledger.UpsertPod(pod.Build());
        }

        return ledger;
    }

    /// <summary>Puts a node into an NVLink domain of 18 nodes, a rack of 72, a spine of 720 and one of three zones.</summary>
    public static MakeNode WithTopology(MakeNode node, int number, int nodes) => node
        .Label("topology.kubernetes.io/zone", $"z{number * 3 / nodes}").Label("network.topology.nvidia.com/spine", $"s{number / 720}")
        .Label("network.topology.nvidia.com/leaf", $"l{number / 72}").Label(TopologyLevels.Clique, $"c{number / 18}");

    /// <summary>The name of a node.</summary>
    public static string NodeName(int number) => $"node-{number:00000}";

    /// <summary>One GPU with its share of the node.</summary>
    public static PodShape GpuPod { get; } = MakePod.Named("p").Cpu("12").Memory("96Gi").Gpus(1).Shape();

    /// <summary>No GPU.</summary>
    public static PodShape CpuPod { get; } = MakePod.Named("p").Cpu("2").Memory("4Gi").Shape();
}
