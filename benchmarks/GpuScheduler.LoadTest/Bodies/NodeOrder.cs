namespace GpuScheduler.LoadTest.Bodies;

/// <summary>The order in which a request names the nodes.</summary>
public enum NodeOrder
{
    /// <summary>As kube-scheduler names them.</summary>
    Scheduler,

    /// <summary>As <c>/api/v1/nodes</c> lists them: the easiest.</summary>
    Listed,

    /// <summary>In no order: the hardest.</summary>
    Shuffled,
}

/// <summary>Puts nodes into the order of a request.</summary>
internal static class NodeOrders
{
    /// <summary>Goroutines kube-scheduler filters with by default; what it divides the nodes by.</summary>
    private const int Parallelism = 16;

    /// <summary>Goroutines that really run at the same time.</summary>
    private const int Running = 2;

    /// <summary>Some nodes in the given order.</summary>
    /// <param name="nodes">Names and zones, as listed.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="order">Which order.</param>
    /// <param name="seed">Which of the many orders of that kind.</param>
    public static string[] Arrange(IReadOnlyList<(string Name, string Zone)> nodes, int count, NodeOrder order, int seed)
    {
        var names = order switch
        {
            NodeOrder.Scheduler => ZoneByZone(nodes),
            _ => [.. nodes.Select(node => node.Name)],
        };
        names = names[..Math.Min(count, names.Length)];
        var random = new Random(seed);
        if (order == NodeOrder.Shuffled) random.Shuffle(names);
        return order == NodeOrder.Scheduler ? Interleave(names, random) : names;
    }

    /// <summary>One node of each zone after the other (<c>pkg/scheduler/backend/cache/node_tree.go</c>).</summary>
    private static string[] ZoneByZone(IReadOnlyList<(string Name, string Zone)> nodes)
    {
        var zones = nodes.GroupBy(node => node.Zone).Select(zone => new Queue<string>(zone.Select(node => node.Name))).ToList();
        var names = new List<string>(nodes.Count);
        while (names.Count < nodes.Count)
        {
            foreach (var zone in zones)
            {
                if (zone.TryDequeue(out var name)) names.Add(name);
            }
        }

        return [.. names];
    }

    /// <summary>
    /// Filter plugins run over chunks of nodes in parallel, and the nodes that pass are noted down as they come
    /// (<c>findNodesThatPassFilters</c> in <c>pkg/scheduler/schedule_one.go</c>, <c>framework/parallelize/parallelism.go</c>): a few runs of
    /// neighbours, mixed with each other differently each time.
    /// </summary>
    private static string[] Interleave(string[] names, Random random)
    {
        var chunk = Math.Max(1, Math.Min((int)Math.Sqrt(names.Length), (names.Length / Parallelism) + 1));
        var mixed = new string[names.Length];
        var next = 0;
        var runs = new (int At, int End)[Running];
        for (var i = 0; i < mixed.Length; i++)
        {
            var run = random.Next(Running);
            while (true)
            {
                if (runs[run].At == runs[run].End && next < names.Length)
                {
                    runs[run] = (next, Math.Min(next + chunk, names.Length));
                    next = runs[run].End;
                }

                if (runs[run].At < runs[run].End) break;
                run = (run + 1) % Running;
            }

            mixed[i] = names[runs[run].At++];
        }

        return mixed;
    }
}
