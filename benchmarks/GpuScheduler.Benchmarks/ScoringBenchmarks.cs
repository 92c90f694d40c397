using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Benchmarks;

/// <summary>Raw scores of every node of a cluster, for each strategy and width; scalar is the baseline.</summary>
[MemoryDiagnoser]
public class ScoringBenchmarks
{
    private readonly ScoringResolver _resolver = new(GpuResourceCatalog.Default);
    private readonly float[] _scores = new float[NodePage.RowCount];
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;
    private Core.Objects.PodShape _shape = BenchmarkCluster.GpuPod;
    private IScoringStrategy[] _widths = [];

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    [Params("MostAllocated", "LeastAllocated", "BalancedAllocation", "RequestedToCapacityRatio", "PackGpus", "PackGpus (CPU pod)")]
    public string Strategy { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _snapshot = BenchmarkCluster.Create(Nodes);
        _shape = Strategy.EndsWith("(CPU pod)", StringComparison.Ordinal) ? BenchmarkCluster.CpuPod : BenchmarkCluster.GpuPod;
        _widths = [Make(LaneWidth.Scalar), Make(LaneWidth.Vector128), Make(LaneWidth.Vector256), Make(LaneWidth.Vector512)];
    }

    [Benchmark(Baseline = true)]
    public float Scalar() => Score(_widths[0]);

    [Benchmark]
    public float Vector128() => Score(_widths[1]);

    [Benchmark]
    public float Vector256() => Score(_widths[2]);

    [Benchmark]
    public float Vector512() => Score(_widths[3]);

    private IScoringStrategy Make(LaneWidth width) => Strategy switch
    {
        "MostAllocated" => new MostAllocated(width: width),
        "LeastAllocated" => new LeastAllocated(width: width),
        "BalancedAllocation" => new BalancedAllocation(width: width),
        "RequestedToCapacityRatio" => new RequestedToCapacityRatio(width: width),
        _ => new PackGpus(width),
    };

    private float Score(IScoringStrategy strategy)
    {
        var request = _resolver.Resolve(_snapshot.Tables, _shape);
        foreach (var page in _snapshot.Pages) strategy.Score(page, in request, _scores);
        return _scores[0];
    }
}
