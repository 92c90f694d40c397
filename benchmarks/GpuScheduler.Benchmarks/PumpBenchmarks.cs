using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Benchmarks;

/// <summary>
/// One pod event applied to the ledger and published: what the pump does for an event that comes alone. Pods come to nodes all over the
/// cluster and go again, so that the snapshot stays as full as it is.
/// </summary>
[MemoryDiagnoser]
public class PumpBenchmarks
{
    private const int Pods = 65_536;
    private const int PodsAtOnce = 1_000;

    // Coprime with any number of nodes we use: one event's node is far from the next one's.
    private const int Stride = 7_919;

    private ClusterLedger _ledger = new();
    private Pod[] _pods = [];
    private Node[] _nodes = [];
    private int _events;

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    /// <summary>Whether nodes are in topology domains, whose free GPUs are kept too.</summary>
    [Params(false, true)]
    public bool Topology { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _ledger = BenchmarkCluster.CreateLedger(Nodes, Topology);
        _pods = [.. Enumerable.Range(0, Pods).Select(i => MakePod.Named($"event-{i}").On(BenchmarkCluster.NodeName((int)((long)i * Stride % Nodes)))
            .Cpu("2").Memory("8Gi").Gpus(1).Build())];
        _nodes = [.. Enumerable.Range(0, 16).Select(i => Changed(i * 30))];
        for (var i = 0; i < PodsAtOnce; i++) _ledger.UpsertPod(_pods[i]);
        _ledger.Publish();
    }

    [Benchmark(Baseline = true)]
    public ClusterSnapshot ApplyAndPublish()
    {
        Apply();
        return _ledger.Publish();
    }

    /// <summary>The pump publishes once for all events it finds waiting; this is one of a hundred.</summary>
    [Benchmark(OperationsPerInvoke = 100)]
    public ClusterSnapshot ApplyHundredAndPublish()
    {
        for (var i = 0; i < 100; i++) Apply();
        return _ledger.Publish();
    }

    /// <summary>A node that changed, but not in anything a snapshot counts by: the table of names is made new around it.</summary>
    [Benchmark]
    public ClusterSnapshot PublishChangedNode()
    {
        _ledger.UpsertNode(_nodes[_events++ % _nodes.Length]);
        return _ledger.Publish();
    }

    private Node Changed(int number)
    {
        var node = MakeNode.Named(BenchmarkCluster.NodeName(number)).Cpu("128").Memory("1Ti").Gpus(8);
        return (Topology ? BenchmarkCluster.WithTopology(node, number, Nodes) : node).Build();
    }

    private void Apply()
    {
        var number = _events++;
        var pod = number / 2;
        if (number % 2 == 0) _ledger.UpsertPod(_pods[(pod + PodsAtOnce) % Pods]);
        else _ledger.DeletePod(_pods[pod % Pods].Uid);
    }
}
