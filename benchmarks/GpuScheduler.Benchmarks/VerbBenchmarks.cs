using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.Benchmarks;

/// <summary>
/// Filter and prioritize from the bytes of the body to the bytes of the answer, all that is ours of a call: every call brings another pod
/// of the same shape and names all nodes in the order of a scheduler.
/// </summary>
[MemoryDiagnoser]
public class VerbBenchmarks
{
    private readonly SnapshotStore _store = new();
    private readonly ClusterSnapshot[] _snapshots = new ClusterSnapshot[2];
    private byte[] _body = [];
    private int[] _places = [];
    private ExtenderVerbs _verbs = null!;
    private int _number;

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    [Params("one GPU", "no GPU")]
    public string Pod { get; set; } = "one GPU";

    [GlobalSetup]
    public void Setup()
    {
        var ledger = BenchmarkCluster.CreateLedger(Nodes);
        _snapshots[0] = ledger.Publish();
        ledger.UpsertPod(Testing.MakePod.Named("newcomer").On(BenchmarkCluster.NodeName(Nodes / 2)).Cpu("1m").Build());
        _snapshots[1] = ledger.Publish();
        _store.Publish(_snapshots[1]);
        _verbs = new ExtenderVerbs(_store, new NoBinder(), new SingleStrategy(new PackGpus()), new LedgerOptions());
        var resources = PodShapes.All.Single(shape => shape.Name == Pod).Resources;
        var names = NodeOrders.Arrange(
            [.. _snapshots[1].Names.Rows.ToArray().Select((row, i) => (row.Name, $"zone-{i % 3}"))], Nodes, NodeOrder.Scheduler, seed: 1);
        _body = [.. Encoding.UTF8.GetBytes($"{{\"Pod\":{PodShapes.Pod(resources)},\"Nodes\":null,\"NodeNames\":"), .. RequestBodies.NamesJson(names), (byte)'}'];
        _places = [.. Enumerable.Range(0, 4096).Where(at => _body.AsSpan(at).StartsWith(Encoding.UTF8.GetBytes(RequestTemplate.NumberMark)))];
    }

    [Benchmark]
    public int Filter() => Call(ExtenderVerb.Filter);

    [Benchmark]
    public int Prioritize() => Call(ExtenderVerb.Prioritize);

    /// <summary>One node has changed since the last call.</summary>
    [Benchmark]
    public int FilterAfterChange()
    {
        _store.Publish(_snapshots[_number & 1]);
        return Call(ExtenderVerb.Filter);
    }

    /// <summary>One node has changed since the last call.</summary>
    [Benchmark]
    public int PrioritizeAfterChange()
    {
        _store.Publish(_snapshots[_number & 1]);
        return Call(ExtenderVerb.Prioritize);
    }

    private int Call(ExtenderVerb verb)
    {
        _number++;
        foreach (var place in _places) _number.TryFormat(_body.AsSpan(place, 8), out _, "x8", CultureInfo.InvariantCulture);
        var call = _verbs.Rent();
        call.Body.Append(_body);
        _verbs.Answer(verb, call);
        var length = call.Answer.Length;
        _verbs.Return(call);
        return length;
    }

    private sealed class NoBinder : IPodBinder
    {
        public ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken) => new(BindOutcome.Failed("not here"));
    }
}
