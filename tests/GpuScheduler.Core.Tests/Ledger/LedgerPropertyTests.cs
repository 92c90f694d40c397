using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Core.Tests.Sharing;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Ledger;

/// <summary>Random histories against a model that simply remembers the newest version of every object.</summary>
public sealed class LedgerPropertyTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnyHistory_OfEventsLateTwiceAndOutOfOrder_NeverDrifts(int seed)
    {
        var history = new History(seed);

        for (var step = 0; step < 300; step++)
        {
            history.Step();
            if (step % 10 != 0) continue;
            var waiting = history.Ledger.Pods.Where(pod => pod.State == PodState.Waiting).Select(pod => pod.Pod).ToHashSet();
            Assert.Equal((waiting.Count, true), (history.Ledger.WaitingCount, waiting.SetEquals(history.Ledger.Waiting)));
            var drift = SnapshotComparer.Compare(history.Ledger.Publish(), history.Nodes, history.Pods);
            Assert.True(drift.Count == 0, $"seed {seed}, step {step}: {string.Join("; ", drift)}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Assume_UntilNothingFits_NeverOverCommits(int seed)
    {
        var random = new Random(seed);
        var ledger = new ClusterLedger();
        for (var i = 0; i < 20; i++) ledger.UpsertNode(RandomNode(random, $"n{i}", 1, ""));

        var live = new List<string>();
        for (var i = 0; i < 400; i++)
        {
            var pod = RandomPod(random, $"p{i}", 1, node: null);
            if (ledger.Assume(pod, $"n{random.Next(20)}").IsPlaced) live.Add(pod.Uid);
            if (live.Count > 0 && random.Next(6) == 0)
            {
                var uid = live[random.Next(live.Count)];
                live.Remove(uid);
                if (random.Next(2) == 0) ledger.Forget(uid);
                else ledger.DeletePod(uid);
            }

            AssertNothingNegative(ledger.Publish(), seed);
        }

        Assert.True(live.Count > 20, "the test must place pods to mean anything");
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 100)];

    private static void AssertNothingNegative(ClusterSnapshot snapshot, int seed)
    {
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            for (var slot = 0; slot < snapshot.Tables.Resources.Count; slot++)
            {
                if (snapshot.Tables.Resources.Names[slot].StartsWith("volcano.sh/vgpu-", StringComparison.Ordinal)) continue;
                Assert.True(page.Free(slot)[at] >= 0, $"seed {seed}: {row.Name} is over-committed in {snapshot.Tables.Resources.Names[slot]}");
            }

            foreach (var device in Enumerable.Range(0, page.GpuCount[at]))
            {
                // In exact fractions of the device, whatever units its pods ask in.
                var total = page.DeviceMemory(at)[device];
                var holders = page.Pods(at).ToArray().Where(pod => pod.Devices.Contains(device)).Select(pod => pod.Pod.Shape.Gpu).ToArray();
                var milli = holders.Sum(demand => demand.MilliPerGpu);
                var memory = holders.Where(demand => demand.IsMemoryShare).Sum(demand => demand.Memory.On(total));
                Assert.True(((long)milli * total) + (memory * 1000L) <= 1000L * Math.Max(1, total), $"seed {seed}: device {device} of {row.Name} is given out {milli} milli and {memory} of {total}");
                Assert.True((milli * 1L) + (holders.Sum(demand => demand.Memory.CoresPercent) * 10L) <= 1000, $"seed {seed}: compute of device {device} of {row.Name}");
                if (holders.Length == 0) Assert.Equal(1000, page.DeviceFreeMilli(at)[device]);
                else Assert.True(page.DeviceFreeMilli(at)[device] <= 1000 - milli);
            }
        }
    }

    private static Node RandomNode(Random random, string name, int version, string uid)
    {
        var gpus = random.Next(0, 9);
        return MakeNode.Named(name).Uid(uid).ResourceVersion($"{version}").Cpu($"{random.Next(8, 64)}").Memory($"{random.Next(32, 512)}Gi")
            .Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * 1000}").MigSlices("1g.5gb", random.Next(3))
            .Shared(random, gpus).Model(random.Next(2) == 0 ? "NVIDIA-L40S" : "Tesla-T4").Build();
    }

    private static Pod RandomPod(Random random, string name, int version, string? node)
    {
        var pod = MakePod.Named(name).ResourceVersion($"{version}").Cpu($"{random.Next(1, 8000)}m").Memory($"{random.Next(1, 64)}Gi");
        switch (random.Next(6))
        {
            case 0: pod.Gpus(random.Next(1, 5)); break;
            case 1: pod.GpuMilli(random.Next(1, 1000)); break;
            case 2: pod.MigSlices("1g.5gb", 1); break;
            case 3: pod.Shared(random); break;
            default: break;
        }

        return (node is null ? pod : pod.On(node)).Build();
    }

    /// <summary>Plays a random history into a ledger and keeps the truth beside it.</summary>
    private sealed class History(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, Node> _nodes = [];
        private readonly Dictionary<string, Pod> _pods = [];
        private readonly HashSet<string> _usedNames = [];
        private readonly List<Action<ClusterLedger>> _past = [];
        private int _version;

        public ClusterLedger Ledger { get; } = new();

        public IEnumerable<Node> Nodes => _nodes.Values;

        public IEnumerable<Pod> Pods => _pods.Values;

        public void Step()
        {
            _version++;
            switch (_random.Next(10))
            {
                case 0: PutNode($"n{_random.Next(6)}"); break;
                case 1 when _random.Next(4) == 0: RemoveNode(); break;
                case 2 or 3: CreatePod(); break;
                case 4 or 5: BindPod(); break;
                case 6: AssumePod(); break;
                case 7: RemovePod(); break;
                case 8: FinishPod(); break;
                default: RepeatSomethingOld(); break;
            }
        }

        private void PutNode(string name)
        {
            var node = RandomNode(_random, name, _version, _nodes.GetValueOrDefault(name)?.Uid ?? $"{name}-since-{_version}");
            _nodes[name] = node;
            Play(ledger => ledger.UpsertNode(node));
        }

        private void RemoveNode()
        {
            if (_nodes.Count == 0) return;
            var node = Pick(_nodes.Values);
            _nodes.Remove(node.Name);

            Play(ledger => ledger.DeleteNode(node.Name, node.Uid));
            foreach (var pod in _pods.Values.Where(pod => pod.NodeName == node.Name).ToList())
            {
                _pods.Remove(pod.Uid);
                Play(ledger => ledger.DeletePod(pod.Uid));
            }
        }

        private void CreatePod()
        {
            var name = $"p{_version}";
            if (!_usedNames.Add(name)) return;
            var pod = RandomPod(_random, name, _version, node: null);
            _pods[pod.Uid] = pod;
            Play(ledger => ledger.UpsertPod(pod));
        }

        private void BindPod()
        {
            var waiting = _pods.Values.Where(pod => pod.NodeName is null).ToList();
            if (waiting.Count == 0) return;
            var bound = Pick(waiting) with { NodeName = $"n{_random.Next(6)}", ResourceVersion = $"{_version}" };
            _pods[bound.Uid] = bound;
            Play(ledger => ledger.UpsertPod(bound));
        }

        private void AssumePod()
        {
            var waiting = _pods.Values.Where(pod => pod.NodeName is null).ToList();
            if (waiting.Count == 0) return;
            var pod = Pick(waiting);
            Ledger.Assume(pod, $"n{_random.Next(6)}");
            if (_random.Next(3) == 0) Ledger.Forget(pod.Uid);
        }

        private void RemovePod()
        {
            if (_pods.Count == 0) return;
            var pod = Pick(_pods.Values);
            _pods.Remove(pod.Uid);
            Play(ledger => ledger.DeletePod(pod.Uid));
        }

        private void FinishPod()
        {
            var bound = _pods.Values.Where(pod => pod.NodeName is not null).ToList();
            if (bound.Count == 0) return;
            var done = Pick(bound) with { IsTerminal = true, ResourceVersion = $"{_version}" };
            _pods.Remove(done.Uid);
            Play(ledger => ledger.UpsertPod(done));
        }

        private void RepeatSomethingOld()
        {
            if (_past.Count > 0) _past[_random.Next(_past.Count)](Ledger);
        }

        private void Play(Action<ClusterLedger> change)
        {
            change(Ledger);
            _past.Add(change);
        }

        private T Pick<T>(ICollection<T> from) => from.ElementAt(_random.Next(from.Count));
    }
}
