using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Benchmarks;

/// <summary>Raw scores to 0..10.</summary>
[MemoryDiagnoser]
public class NormalizerBenchmarks
{
    private float[] _raw = [];
    private byte[] _scores = [];

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _raw = [.. Enumerable.Range(0, Nodes).Select(_ => random.NextSingle() * 100)];
        _scores = new byte[Nodes];
    }

    [Benchmark]
    public void Normalize() => ScoreNormalizer.Normalize(_raw, _scores);
}
