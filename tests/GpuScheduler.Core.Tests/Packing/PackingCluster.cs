using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Packing;

/// <summary>A small cluster of several models, filled at random from a seed.</summary>
internal sealed class PackingCluster
{
    private readonly Random _random;
    private readonly List<(string Uid, string Node)> _placed = [];
    private int _next;

    public PackingCluster(int seed, int nodes = 300)
    {
        _random = new Random(seed);
        for (var i = 0; i < nodes; i++)
        {
            var gpus = new[] { 0, 1, 2, 4, 8 }[i % 5];
            var node = MakeNode.Named($"n{i}").Cpu($"{16 + (16 * (i % 7))}").Memory($"{64 + (64 * (i % 3))}Gi");
            if (gpus > 0) node = node.Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * 1000}").Model(i % 2 == 0 ? "A100" : "T4");
            Ledger.UpsertNode(node.Build());
        }
    }

    public ClusterLedger Ledger { get; } = new();

    public ScoringResolver Resolver { get; } = new(GpuResourceCatalog.Default);

    public static IReadOnlyList<PodShape> Shapes { get; } =
    [
        MakePod.Named("cpu").Cpu("4").Memory("8Gi").Build().Shape,
        MakePod.Named("small").Cpu("2").Memory("8Gi").GpuMilli(160).Build().Shape,
        MakePod.Named("half").Cpu("6").Memory("16Gi").GpuMilli(470).Build().Shape,
        MakePod.Named("odd").Cpu("1").Memory("1Gi").GpuMilli(333).Build().Shape,
        MakePod.Named("big").Cpu("8").Memory("32Gi").GpuMilli(810).Build().Shape,
        MakePod.Named("one").Cpu("8").Memory("32Gi").GpuMilli(1000).Build().Shape,
        MakePod.Named("typed").Cpu("8").Memory("32Gi").GpuMilli(1000).Models("T4").Build().Shape,
        MakePod.Named("four").Cpu("24").Memory("64Gi").GpuMilli(4000).Build().Shape,
        MakePod.Named("eight").Cpu("40").Memory("100Gi").GpuMilli(8000).Build().Shape,
    ];

    public static WorkloadMix Mix { get; } = WorkloadMix.Count(Shapes.SelectMany((shape, i) => Enumerable.Repeat(shape, 20 - (2 * i))));

    /// <summary>Places or removes pods at random, wherever they fit.</summary>
    public ClusterSnapshot Churn(int steps)
    {
        var nodes = Ledger.Nodes.Select(node => node.Name).ToArray();
        for (var step = 0; step < steps; step++)
        {
            if (_placed.Count > 0 && _random.Next(4) == 0)
            {
                var at = _random.Next(_placed.Count);
                Ledger.DeletePod(_placed[at].Uid);
                _placed.RemoveAt(at);
                continue;
            }

            var node = nodes[_random.Next(nodes.Length)];
            var pod = new Pod { Namespace = "d", Name = $"p{_next}", Uid = $"u{_next++}", Shape = Shapes[_random.Next(Shapes.Count)] };
            if (Ledger.Assume(pod, node).Result == AssumeResult.Assumed) _placed.Add((pod.Uid, node));
        }

        return Ledger.Publish();
    }

    public static PackingStrategy Build(string policy, ClusterSnapshot cluster) => PackingPolicies.Find(policy, random: new Random(1))!.Build(Mix, cluster);

    public static IEnumerable<(NodePage Page, int Row)> Rows(ClusterSnapshot cluster)
    {
        foreach (var page in cluster.Pages.ToArray())
        {
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                if (page.Node(row) is not null) yield return (page, row);
            }
        }
    }
}
