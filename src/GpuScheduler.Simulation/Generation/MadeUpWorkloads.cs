using System.Globalization;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Generation;

/// <summary>
/// Workloads with nodes of their own, each unlike production traces in one way: to see what a policy does where nobody tuned it. The same
/// on every machine; as much GPU demand as there are GPUs.
/// </summary>
public static class MadeUpWorkloads
{
    /// <summary>A device that some nodes have fewer of than GPUs.</summary>
    public const string NetworkDevice = "rdma/hca";

    private const string ProductLabel = "nvidia.com/gpu.product";

    // Pods of one kind differ in CPU and memory by these factors.
    private static readonly double[] Sizes = [0.5, 0.75, 1, 1, 1, 1.5];

    private static readonly Recipe[] Recipes =
    [
        new("few-models",
            [new(60, "A100", 128, 1024, 8), new(80, "L4", 64, 256, 4)],
            [
                new(20, 4, 8, 0), new(35, 8, 48, 1000), new(15, 3, 12, 250), new(10, 6, 24, 500), new(5, 16, 96, 2000), new(5, 32, 128, 4000),
                new(2, 64, 512, 8000, "A100"), new(8, 12, 96, 1000, "A100"),
            ]),
        new("four-gpu-nodes",
            [new(150, "L40S", 64, 384, 4)],
            [new(10, 2, 4, 0), new(40, 12, 64, 1000), new(15, 24, 128, 2000), new(8, 40, 220, 4000), new(15, 4, 16, 300), new(12, 10, 40, 700)]),
        new("cpu-poor",
            [new(60, "A10", 48, 512, 8), new(30, "A10", 192, 1024, 8)],
            [new(35, 2, 16, 1000), new(20, 16, 64, 1000), new(20, 3, 16, 500), new(8, 12, 64, 2000), new(1, 30, 256, 8000), new(16, 8, 16, 0)]),
        new("memory-poor",
            [new(60, "A10", 128, 128, 8), new(30, "A10", 128, 1024, 8)],
            [new(35, 4, 8, 1000), new(20, 4, 96, 1000), new(20, 3, 12, 500), new(8, 8, 64, 2000), new(1, 40, 80, 8000), new(16, 2, 24, 0)]),
        new("shares",
            [new(100, "T4", 48, 192, 4)],
            [
                new(20, 1, 4, 100), new(20, 2, 8, 200), new(20, 3, 12, 350), new(15, 6, 24, 600), new(15, 8, 32, 700), new(8, 4, 8, 0),
                new(2, 8, 32, 1000),
            ]),
        new("whole-nodes",
            [new(100, "H100", 192, 2048, 8)],
            [new(25, 120, 1200, 8000), new(8, 64, 512, 4000), new(30, 16, 128, 1000), new(20, 8, 64, 500), new(17, 8, 32, 0)]),
        new("twenty-nodes",
            [new(4, "A100", 128, 1024, 8), new(6, "L40S", 64, 384, 4), new(6, "T4", 32, 128, 2), new(4, "T4", 16, 64, 1)],
            [
                new(15, 4, 8, 0), new(35, 8, 32, 1000), new(15, 4, 12, 250), new(15, 6, 24, 600), new(6, 16, 64, 2000), new(3, 32, 192, 4000),
                new(1, 64, 512, 8000), new(10, 6, 24, 1000, "T4"),
            ]),
        new("skewed",
            [new(120, "A100", 96, 768, 8), new(40, "A100", 32, 128, 2)],
            [
                new(800, 6, 32, 330), new(100, 6, 32, 1000), new(40, 20, 32, 1000), new(20, 4, 32, 550), new(10, 12, 96, 2000), new(8, 2, 8, 90),
                new(5, 24, 192, 4000), new(5, 48, 384, 8000), new(5, 30, 60, 0), new(4, 3, 16, 870), new(3, 12, 64, 3000),
            ]),
        new("network-devices",
            [new(40, "H100", 192, 2048, 8, 8), new(40, "H100", 192, 2048, 8, 4), new(20, "H100", 192, 2048, 8, 1)],
            [
                new(35, 8, 64, 1000, "", 1), new(35, 8, 64, 1000), new(10, 8, 64, 500), new(6, 16, 128, 2000, "", 2), new(3, 64, 512, 8000, "", 8),
                new(11, 8, 32, 0),
            ]),
    ];

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Recipes.Select(recipe => recipe.Name)];

    /// <summary>Makes the workload of a name; null when there is none.</summary>
    public static ReplayWorkload? Find(string name)
    {
        if (Array.Find(Recipes, recipe => recipe.Name == name) is not { } recipe) return null;
        var nodes = NodesOf(recipe);
        return new ReplayWorkload(recipe.Name, PodsOf(recipe)) { Nodes = nodes };
    }

    private static List<Node> NodesOf(Recipe recipe)
    {
        var nodes = new List<Node>();
        foreach (var kind in recipe.Nodes)
        {
            for (var i = 0; i < kind.Count; i++)
            {
                var labels = new Dictionary<string, string> { [ProductLabel] = kind.Model };
                List<ResourceAmount> amounts =
                [
                    new(ResourceNames.Cpu, kind.Cores * 1000L), new(ResourceNames.Memory, kind.MemoryGi * 1024L), new(ResourceNames.Pods, OpenbNodeReader.MaxPods),
                    new(GpuResourceCatalog.NvidiaGpu, kind.Gpus), new(GpuResourceCatalog.GpuMilli, kind.Gpus * (long)GpuDemand.WholeMilli),
                ];
                if (kind.NetworkDevices > 0) amounts.Add(new(NetworkDevice, kind.NetworkDevices));
                var name = string.Create(CultureInfo.InvariantCulture, $"n{nodes.Count:0000}");
                nodes.Add(new Node
                {
                    Name = name,
                    Uid = name,
                    Labels = labels,
                    Allocatable = amounts,
                    Capacity = amounts,
                    Conditions = new Dictionary<string, string> { ["Ready"] = "True" },
                    Gpu = GpuLabels.Read(labels),
                });
            }
        }

        return nodes;
    }

    private static List<TracePod> PodsOf(Recipe recipe)
    {
        var random = new SeededRandom(1);
        var weight = recipe.Pods.Sum(kind => kind.Weight);
        var pods = new List<TracePod>();
        for (var left = recipe.Nodes.Sum(kind => kind.Count * (long)kind.Gpus) * GpuDemand.WholeMilli; left > 0;)
        {
            var at = random.Below(weight);
            var kind = recipe.Pods[0];
            foreach (var candidate in recipe.Pods)
            {
                kind = candidate;
                if ((at -= candidate.Weight) < 0) break;
            }

            var size = random.Pick<double>(Sizes);
            var shape = new PodShape(
                [
                    new(ResourceNames.Cpu, (long)(kind.Cores * 1000 * size)), new(ResourceNames.Memory, (long)(kind.MemoryGi * 1024 * size)),
                    new(GpuResourceCatalog.GpuMilli, kind.GpuMilli), new(NetworkDevice, kind.NetworkDevices),
                ],
                GpuResourceCatalog.Default,
                models: kind.Models.Length > 0 ? ModelSelector.Parse(kind.Models) : null);
            pods.Add(new TracePod(string.Create(CultureInfo.InvariantCulture, $"p{pods.Count:00000}"), shape, null, null));
            left -= kind.GpuMilli;
        }

        return pods;
    }

    private sealed record Recipe(string Name, NodeKind[] Nodes, PodKind[] Pods);

    private sealed record NodeKind(int Count, string Model, int Cores, int MemoryGi, int Gpus, int NetworkDevices = 0);

    private sealed record PodKind(int Weight, int Cores, int MemoryGi, int GpuMilli, string Models = "", int NetworkDevices = 0);
}
