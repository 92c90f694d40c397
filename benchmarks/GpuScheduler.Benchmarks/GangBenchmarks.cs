using System.Text;
using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.Testing;

namespace GpuScheduler.Benchmarks;

/// <summary>
/// A gang with one whole node of eight GPUs per pod, on nodes in NVLink domains of 18, racks of 72, spines of 720 and three zones, a third of them busy.
/// </summary>
[MemoryDiagnoser]
public class GangBenchmarks
{
    private static readonly GangKey Key = new("gang", "default", "train");

    private readonly SnapshotStore _store = new();
    private readonly LedgerOptions _options = new();
    private readonly ClusterSnapshot[] _snapshots = new ClusterSnapshot[2];
    private readonly byte[][] _bodies = new byte[16][];
    private ExtenderVerbs _verbs = null!;
    private GangPlans _plans = null!;
    private int _number;

    [Params(5_000)]
    public int Nodes { get; set; }

    [Params(8, 512)]
    public int Pods { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var ledger = new ClusterLedger(_options);
        for (var i = 0; i < Nodes; i++)
        {
            ledger.UpsertNode(BenchmarkCluster.WithTopology(MakeNode.Named($"gpu-node-{i:D5}").Cpu("192").Memory("2Ti").Gpus(8), i, Nodes).Build());
            if (i % 3 == 0) ledger.UpsertPod(MakePod.Named($"busy-{i}").Gpus(1 + (i % 8)).Cpu("4").On($"gpu-node-{i:D5}").Build());
        }

        var members = Enumerable.Range(0, Pods).Select(i => MakePod.Named($"train-{i}").Gpus(8).Cpu("64").Memory("512Gi")
            .Label("gpu-scheduler.io/gang", "train").Annotation("gpu-scheduler.io/gang-size", $"{Pods}").Build()).ToArray();
        foreach (var pod in members) ledger.UpsertPod(pod);
        _snapshots[0] = ledger.Publish();
        ledger.UpsertPod(MakePod.Named("newcomer").On("gpu-node-00000").Cpu("1m").Build());
        _snapshots[1] = ledger.Publish();
        _store.Publish(_snapshots[1]);
        _plans = new GangPlans(_options);
        if (_plans.Of(_snapshots[1], Key)?.Reason is not "") throw new InvalidOperationException("the gang does not fit");
        _verbs = new ExtenderVerbs(_store, new NoBinder(), new SingleStrategy(new PackGpus()), _options, gangs: _plans);

        var names = RequestBodies.NamesJson(NodeOrders.Arrange(
            [.. _snapshots[1].Names.Rows.ToArray().Select((row, i) => (row.Name, $"z{i % 3}"))], Nodes, NodeOrder.Scheduler, seed: 1));
        for (var i = 0; i < _bodies.Length; i++)
        {
            _bodies[i] = [.. Encoding.UTF8.GetBytes($"{{\"Pod\":{ObjectJson.Of(members[i % members.Length])},\"Nodes\":null,\"NodeNames\":"), .. names, (byte)'}'];
        }
    }

    /// <summary>Filter for one pod of the gang after the other, all nodes offered.</summary>
    [Benchmark]
    public int Filter()
    {
        var call = _verbs.Rent();
        call.Body.Append(_bodies[_number++ & 15]);
        _verbs.Answer(ExtenderVerb.Filter, call);
        var length = call.Answer.Length;
        _verbs.Return(call);
        return length;
    }

    /// <summary>The gang is planned for the first time, topology tree and all.</summary>
    [Benchmark]
    public GangPlan? FirstPlan() => new GangPlans(_options).Of(_snapshots[0], Key);

    /// <summary>A node has changed since the gang was planned last.</summary>
    [Benchmark]
    public GangPlan? PlanAfterChange() => _plans.Of(_snapshots[_number++ & 1], Key);

    private sealed class NoBinder : IPodBinder
    {
        public ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken) => new(BindOutcome.Failed("not here"));
    }
}
