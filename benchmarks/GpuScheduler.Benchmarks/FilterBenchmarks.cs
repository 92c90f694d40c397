using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Benchmarks;

/// <summary>Which nodes of a cluster can take a pod: the filter made once and asked again, and made anew.</summary>
[MemoryDiagnoser]
public class FilterBenchmarks
{
    private readonly ulong[] _bits = new ulong[NodePage.BitmapWords];
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;
    private PodFilter? _filter;

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _snapshot = BenchmarkCluster.Create(Nodes);
        _filter = new PodFilter(_snapshot.Tables, BenchmarkCluster.GpuPod);
    }

    [Benchmark(Baseline = true)]
    public ulong Fits() => Fits(_filter!);

    [Benchmark]
    public ulong MakeAndFits() => Fits(new PodFilter(_snapshot.Tables, BenchmarkCluster.GpuPod));

    private ulong Fits(PodFilter filter)
    {
        foreach (var page in _snapshot.Pages) filter.Fits(page, _bits);
        return _bits[0];
    }
}
