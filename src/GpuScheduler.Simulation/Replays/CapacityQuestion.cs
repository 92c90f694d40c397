using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;

namespace GpuScheduler.Simulation.Replays;

/// <summary>"How many more of these fit?": a cluster as it is, and pods to add to it.</summary>
public sealed record CapacityQuestion
{
    /// <summary>The nodes.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>The pods that are there; only those with a node count.</summary>
    public required IReadOnlyList<Pod> Pods { get; init; }

    /// <summary>Shapes to add and how many of each, in turn: one of each until all are placed or none fits.</summary>
    public required IReadOnlyList<(PodShape Shape, int Count)> Add { get; init; }

    /// <summary>Policies by name.</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>Answers for every policy.</summary>
    public IReadOnlyList<CapacityAnswer> Answer(CancellationToken cancellation) => [.. Policies.Select(policy => Answer(policy, cancellation))];

    private CapacityAnswer Answer(string name, CancellationToken cancellation)
    {
        var policy = PackingPolicies.Find(name, random: new ReplayRandom(1, "policy"))
            ?? throw new ArgumentException($"'{name}' is no policy; there are: {string.Join(", ", PackingPolicies.Names)}");
        var cluster = new ReplayCluster(Nodes, new PackingLearner(policy, new WorkloadHistogram()), ties: null, Pods);
        var placed = new int[Add.Count];
        var isOpen = Add.Select(item => item.Count > 0).ToArray();
        while (Array.Exists(isOpen, open => open))
        {
            for (var i = 0; i < placed.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!isOpen[i]) continue;
                if (cluster.Place(Add[i].Shape, out _) < 0) isOpen[i] = false;
                else isOpen[i] = ++placed[i] < Add[i].Count;
            }
        }

        return new CapacityAnswer(policy.Name, placed, 100.0 * cluster.UsedGpuMilli / Math.Max(1, cluster.GpuMilli));
    }
}

/// <summary>What fitted under one policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Placed">Pods placed, by shape.</param>
/// <param name="AllocatedAfter">GPU allocation afterwards, in % of the GPUs that are told apart.</param>
public sealed record CapacityAnswer(string Policy, IReadOnlyList<int> Placed, double AllocatedAfter);
