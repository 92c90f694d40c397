using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Ledger;

/// <summary>Random pods come, are bound, forgotten, deleted, and the process restarts, on nodes whose MIG instances are made as pods need them.</summary>
public sealed class MigPropertyTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnyHistory_NoSlotIsHeldTwiceAndEveryOccupancyIsLegal(int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, 6).Select(i => i == 0 ? MigLedgerTests.Node("n0", 4) : RandomNode(random, $"n{i}")).ToArray();
        var ledger = NewLedger(nodes, []);
        var bound = new Dictionary<string, Pod>();
        var assumed = new Dictionary<string, (Pod Pod, string Node, IReadOnlyDictionary<string, string> Annotations)>();
        var placed = 0;
        for (var step = 0; step < 250; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    var pod = RandomPod(random, $"p{step}");
                    var node = nodes[random.Next(nodes.Length)].Name;
                    var fits = Fits(ledger.Publish(), pod.Shape, node);
                    var outcome = ledger.Assume(pod, node);
                    Assert.True(fits == outcome.IsPlaced, $"seed {seed}, step {step}: {pod.Shape} on {node}: filter says {fits}, bind {outcome}");
                    if (!outcome.IsPlaced) break;
                    placed++;
                    assumed.Add(pod.Uid, (pod, node, outcome.Annotations));
                    break;
                case 5 or 6 when assumed.Count > 0:
                    var (confirmed, on, annotations) = Take(assumed, random);
                    ledger.UpsertPod(bound[confirmed.Uid] = confirmed.BoundTo(on, annotations));
                    break;
                case 7 when assumed.Count > 0:
                    ledger.Forget(Take(assumed, random).Pod.Uid);
                    break;
                case 8 when bound.Count > 0:
                    ledger.DeletePod(Take(bound, random).Uid);
                    break;
                case 9 when random.Next(4) == 0:
                    // Binds under way may have gone through or not when the process dies; the API server knows.
                    foreach (var (uid, flight) in assumed)
                    {
                        if (random.Next(2) == 0) bound[uid] = flight.Pod.BoundTo(flight.Node, flight.Annotations);
                    }

                    assumed.Clear();
                    ledger = NewLedger(nodes, bound.Values.OrderBy(_ => random.Next()));
                    break;
                default:
                    break;
            }

            AssertSound(ledger.Publish(), $"seed {seed}, step {step}");
            var all = bound.Values.Concat(assumed.Values.Select(flight => flight.Pod));
            var drift = SnapshotComparer.Compare(ledger.Publish(), nodes, all);
            Assert.True(drift.Count == 0, $"seed {seed}, step {step}: {string.Join("; ", drift)}");
        }

        Assert.True(placed > 10, "the test must place pods to mean anything");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Fits_AnyMigCluster_EqualsCheckRowByRow(int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, 40).Select(i => RandomNode(random, $"n{i}")).ToArray();
        var ledger = NewLedger(nodes, []);
        for (var i = 0; i < 150; i++) ledger.Assume(RandomPod(random, $"p{i}"), nodes[random.Next(nodes.Length)].Name);
        var snapshot = ledger.Publish();
        Span<ulong> bits = stackalloc ulong[NodePage.BitmapWords];
        for (var i = 0; i < 40; i++)
        {
            var filter = new PodFilter(snapshot.Tables, RandomPod(random, "q").Shape);
            foreach (var page in snapshot.Pages)
            {
                filter.Fits(page, bits);
                for (var row = 0; row < NodePage.RowCount; row++)
                {
                    var rejection = filter.Check(page, row);
                    Assert.Equal(rejection.IsNone, (bits[row >> 6] >> (row & 63) & 1) != 0);
                    if (page.Node(row) is not null && !rejection.IsNone) Assert.NotEmpty(filter.Describe(rejection, page, row));
                }
            }
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 40)];

    private static ClusterLedger NewLedger(IEnumerable<Node> nodes, IEnumerable<Pod> pods)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        foreach (var pod in pods) ledger.UpsertPod(pod);
        return ledger;
    }

    private static Node RandomNode(Random random, string name)
    {
        var geometries = MigCatalog.Default.Geometries.Where(geometry => geometry.Profiles.All(profile => profile.Shape >= 0)).ToArray();
        var gpus = random.Next(1, 4);
        var node = MakeNode.Named(name).Cpu("32").DynamicMig(geometries[random.Next(3) == 0 ? random.Next(geometries.Length) : 0], gpus);
        if (random.Next(4) == 0) node.Gpus(2).Label("nvidia.com/gpu.count", $"{gpus + 2}");
        if (random.Next(5) == 0) node.Annotation(MigNode.DynamicKey, "false");
        if (random.Next(6) == 0) node.Label(MigObstacles.StateLabel, random.Next(2) == 0 ? "pending" : "success");
        return node.Build();
    }

    private static Pod RandomPod(Random random, string name)
    {
        string[] profiles = ["1g.5gb", "1g.5gb.me", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb", "1g.6gb", "1g.24gb.me.all", "2g.20gb"];
        var pod = MakePod.Named(name).Cpu("1");
        var kinds = random.Next(4) == 0 ? 2 : 1;
        for (var i = 0; i < kinds; i++) pod.MigSlices(profiles[random.Next(random.Next(2) == 0 ? 7 : profiles.Length)], random.Next(5) == 0 ? 2 : 1);
        return pod.Build();
    }

    private static bool Fits(ClusterSnapshot snapshot, PodShape shape, string node)
    {
        var row = snapshot.Names.Rows.ToArray().Single(row => row.Name == node).Row;
        return new PodFilter(snapshot.Tables, shape).Check(snapshot.PageOf(row), row & NodePage.RowMask).IsNone;
    }

    private static T Take<T>(Dictionary<string, T> from, Random random)
    {
        var (uid, value) = from.ElementAt(random.Next(from.Count));
        from.Remove(uid);
        return value;
    }

    private static void AssertSound(ClusterSnapshot snapshot, string where)
    {
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            if (row.Mig.Mode != MigMode.Dynamic) continue;
            var geometry = row.Mig.Geometry!;
            var taken = new Dictionary<int, int>();
            foreach (var slot in page.Pods(at).ToArray().SelectMany(pod => pod.Mig))
            {
                var profile = geometry.Profiles[geometry.IndexOf(slot.Profile)];
                var mask = ((1 << profile.Size) - 1) << slot.Start;
                Assert.Contains(slot.Start, profile.Starts);
                Assert.True((taken.GetValueOrDefault(slot.Gpu) & mask) == 0, $"{where}: {row.Name} has two instances upon each other on GPU {slot.Gpu}");
                taken[slot.Gpu] = taken.GetValueOrDefault(slot.Gpu) | mask;
            }

            for (var gpu = 0; gpu < NodePage.MaxDevices; gpu++)
            {
                var mask = page.MigMasks(at)[gpu];
                Assert.Equal(taken.GetValueOrDefault(gpu), mask);
                Assert.True((row.Mig.GpuMask >> gpu & 1) != 0 || mask == 0, where);
                Assert.True(geometry.IsLegal(new MigOccupancy(mask, false)), $"{where}: {mask:X} is no legal occupancy of {geometry}");
            }
        }
    }
}
