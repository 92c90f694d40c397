using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Benchmarks;

/// <summary>
/// One decision, from the shape of a pod to its node, on a cluster of several models that is three quarters full of whole GPUs and shares:
/// with nothing kept, and with the scores of all but one node kept.
/// </summary>
[MemoryDiagnoser]
public class PackingBenchmarks
{
    private const double Fullness = 0.75;

    // CPU, memory and GPUs of the nodes, in proportions as production clusters have them.
    private static readonly (int Cpu, int MemoryGi, int Gpus, string Model)[] Profiles =
        [(96, 512, 8, "T4"), (128, 768, 8, "G2"), (96, 512, 8, "G2"), (64, 256, 2, "T4"), (96, 384, 2, "P100"), (64, 512, 4, "V100"), (32, 128, 1, "T4"), (128, 768, 8, "G3")];

    private static readonly (PodShape Shape, int Weight)[] Mix =
    [
        (MakePod.Named("a").Cpu("4").Memory("16Gi").Shape(), 15),
        (MakePod.Named("b").Cpu("4").Memory("12Gi").GpuMilli(160).Shape(), 10),
        (MakePod.Named("c").Cpu("6").Memory("24Gi").GpuMilli(320).Shape(), 10),
        (MakePod.Named("d").Cpu("8").Memory("32Gi").GpuMilli(470).Shape(), 15),
        (MakePod.Named("e").Cpu("8").Memory("32Gi").GpuMilli(810).Shape(), 8),
        (MakePod.Named("f").Cpu("8").Memory("32Gi").GpuMilli(1000).Shape(), 30),
        (MakePod.Named("g").Cpu("16").Memory("64Gi").GpuMilli(1000).Shape(), 8),
        (MakePod.Named("h").Cpu("24").Memory("96Gi").GpuMilli(2000).Shape(), 2),
        (MakePod.Named("i").Cpu("88").Memory("400Gi").GpuMilli(8000).Shape(), 2),
    ];

    private readonly float[] _scores = new float[NodePage.RowCount];
    private readonly ulong[] _fits = new ulong[NodePage.BitmapWords];
    private readonly ClusterSnapshot[] _snapshots = new ClusterSnapshot[2];
    private readonly PodShape _shape = Mix[3].Shape;
    private PackingStrategy? _strategy;
    private PodFilter? _filter;
    private ScoringRequest _request;
    private ShapeScores? _kept;
    private int _turn;

    [Params(1_213, 65_000)]
    public int Nodes { get; set; }

    [Params("ResidualValue", "Fgd")]
    public string Policy { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var ledger = new ClusterLedger();
        var free = 0L;
        for (var i = 0; i < Nodes; i++)
        {
            var (cpu, memory, gpus, model) = Profiles[i % Profiles.Length];
            ledger.UpsertNode(MakeNode.Named(BenchmarkCluster.NodeName(i)).Cpu($"{cpu}").Memory($"{memory}Gi")
                .Gpus(gpus).Resource(GpuResourceCatalog.GpuMilli, $"{gpus * GpuDemand.WholeMilli}").Model(model).Build());
            free += gpus * GpuDemand.WholeMilli;
        }

        var left = (long)(free * (1 - Fullness));
        var shapes = Mix.SelectMany(entry => Enumerable.Repeat(entry.Shape, entry.Weight)).ToArray();
        for (var i = 0; free > left; i++)
        {
            var shape = shapes[random.Next(shapes.Length)];
            var pod = new Pod { Namespace = "default", Name = $"pod-{i}", Uid = $"pod-{i}", Shape = shape };
            if (ledger.Assume(pod, BenchmarkCluster.NodeName(random.Next(Nodes))).Result == AssumeResult.Assumed) free -= shape.Gpu.TotalMilli;
        }

        // Two snapshots that differ by one pod: going from one to the other is what a decision leaves to the next.
        _snapshots[0] = ledger.Publish();
        _strategy = PackingPolicies.Find(Policy)!.Build(WorkloadMix.Count(shapes), _snapshots[0]);
        _filter = new PodFilter(_snapshots[0].Tables, _shape);
        var resolver = new ScoringResolver(GpuResourceCatalog.Default);
        _request = resolver.Resolve(_snapshots[0].Tables, _shape);
        _kept = new ShapeScores(_shape, resolver);
        _kept.Update(_snapshots[0], _strategy);
        var row = _kept.Best();
        ledger.Assume(
            new Pod { Namespace = "default", Name = "one", Uid = "one", Shape = _shape },
            _snapshots[0].PageOf(row).Node(row & NodePage.RowMask)!.Name);
        _snapshots[1] = ledger.Publish();
    }

    [Benchmark(Baseline = true)]
    public int NothingKept()
    {
        var best = -1;
        var bestScore = float.NegativeInfinity;
        foreach (var page in _snapshots[0].Pages)
        {
            _filter!.Fits(page, _fits);
            _strategy!.ScoreRows(page, in _request, _fits, _scores);
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                if ((_fits[row >> 6] >> (row & 63) & 1) == 0 || _scores[row] <= bestScore) continue;
                (best, bestScore) = (page.FirstRow + row, _scores[row]);
            }
        }

        return best;
    }

    [Benchmark]
    public int OneNodeChanged()
    {
        _kept!.Update(_snapshots[_turn ^= 1], _strategy!);
        return _kept.Best();
    }
}
