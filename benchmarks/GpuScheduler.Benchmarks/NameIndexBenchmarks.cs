using System.Text;
using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Benchmarks;

/// <summary>Rows for as many names as there are nodes; one operation is one pass over all names.</summary>
[MemoryDiagnoser]
public class NameIndexBenchmarks
{
    private NameIndex _index = NameIndex.Empty;
    private byte[][] _inOrder = [];
    private byte[][] _shuffled = [];
    private byte[][] _unknown = [];
    private byte[] _text = [];
    private int[] _quotes = [];
    private int[] _rows = [];

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _index = BenchmarkCluster.Create(Nodes).Names;
        _inOrder = [.. _index.Rows.ToArray().Select(row => row.NameUtf8.ToArray())];
        _shuffled = [.. _inOrder];
        new Random(1).Shuffle(_shuffled);
        _text = [.. _shuffled.SelectMany(name => (byte[])[(byte)'"', .. name, (byte)'"', (byte)',']), .. new byte[NameIndex.Reach]];
        _quotes = [.. Enumerable.Range(0, _text.Length).Where(at => _text[at] == '"')];
        _rows = new int[Nodes];
        _unknown = [.. Enumerable.Range(0, Nodes).Select(i => Encoding.UTF8.GetBytes($"gone-{i:00000}"))];
    }

    [Benchmark(Baseline = true)]
    public int HitsInOrder() => Find(_inOrder);

    [Benchmark]
    public int HitsShuffled() => Find(_shuffled);

    [Benchmark]
    public int Misses() => Find(_unknown);

    /// <summary>As filter looks them up: where they stand in the body, all at once, in no order.</summary>
    [Benchmark]
    public int AllAtOnce()
    {
        _index.FindAll(_text, _quotes, _rows);
        return _rows[^1];
    }

    private int Find(byte[][] names)
    {
        var found = 0;
        for (var i = 0; i < names.Length; i++)
        {
            if (_index.FindNear(names[i], i) is not null) found++;
        }

        return found;
    }
}
