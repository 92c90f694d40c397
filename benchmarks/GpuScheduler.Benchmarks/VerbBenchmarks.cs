using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Extender.Recording;
using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Http;
using GpuScheduler.Server.Metrics;

namespace GpuScheduler.Benchmarks;

/// <summary>
/// Filter and prioritize from the bytes of the body to the bytes of the answer, all that is ours of a call: every call brings another pod
/// of the same shape and names all nodes in the order of a scheduler: in the same as the call before, or in another.
/// </summary>
[MemoryDiagnoser]
public class VerbBenchmarks
{
    /// <summary>Pods that take turns: fewer than the verbs remember, so that their memory of pods is soon as big as it gets.</summary>
    private const int Pods = 128;

    private readonly SnapshotStore _store = new();
    private readonly ClusterSnapshot[] _snapshots = new ClusterSnapshot[2];
    private readonly byte[][] _bodies = new byte[16][];
    private int[] _places = [];
    private ExtenderVerbs _verbs = null!;
    private int _number;

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    /// <summary>Whether calls are measured, as they are in the service.</summary>
    internal bool IsMeasured { get; init; } = true;

    [Params("one GPU", "no GPU")]
    public string Pod { get; set; } = "one GPU";

    /// <summary>Whether decisions are recorded, as the service does.</summary>
    public bool Recording { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var ledger = BenchmarkCluster.CreateLedger(Nodes);
        _snapshots[0] = ledger.Publish();
        ledger.UpsertPod(Testing.MakePod.Named("newcomer").On(BenchmarkCluster.NodeName(Nodes / 2)).Cpu("1m").Build());
        _snapshots[1] = ledger.Publish();
        _store.Publish(_snapshots[1]);
        _verbs = new ExtenderVerbs(
            _store, new NoBinder(), new SingleStrategy(new PackGpus()), new LedgerOptions(), observer: IsMeasured ? Observer() : null,
            decisions: Recording ? new DecisionRing(1024, TimeProvider.System) : null);
        var resources = PodShapes.All.Single(shape => shape.Name == Pod).Resources;
        (string, string)[] nodes = [.. _snapshots[1].Names.Rows.ToArray().Select((row, i) => (row.Name, $"zone-{i % 3}"))];
        var start = Encoding.UTF8.GetBytes($"{{\"Pod\":{PodShapes.Pod(resources)},\"Nodes\":null,\"NodeNames\":");
        for (var i = 0; i < _bodies.Length; i++)
        {
            _bodies[i] = [.. start, .. RequestBodies.NamesJson(NodeOrders.Arrange(nodes, Nodes, NodeOrder.Scheduler, seed: i)), (byte)'}'];
        }

        var mark = Encoding.UTF8.GetBytes(RequestTemplate.NumberMark);
        _places = [.. Enumerable.Range(0, start.Length).Where(at => start.AsSpan(at).StartsWith(mark))];
        // An answer that says no would be quick, and mean nothing.
        Require(ExtenderVerb.Filter, "{\"Nodes\":null,\"NodeNames\":[\""u8, "\"Error\":\"\"}"u8);
        Require(ExtenderVerb.Prioritize, "[{\"Host\":\""u8, "}]"u8);
    }

    [Benchmark]
    public int Filter() => Call(ExtenderVerb.Filter);

    [Benchmark]
    public int Prioritize() => Call(ExtenderVerb.Prioritize);

    /// <summary>The nodes come in another order than in the last call.</summary>
    [Benchmark]
    public int FilterInOtherOrder() => Call(ExtenderVerb.Filter, _number % _bodies.Length);

    /// <summary>The nodes come in another order than in the last call.</summary>
    [Benchmark]
    public int PrioritizeInOtherOrder() => Call(ExtenderVerb.Prioritize, _number % _bodies.Length);

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

    private static CallMetrics Observer()
    {
        var meter = new Meter("GpuScheduler.Benchmarks");
        var calls = new CallMetrics(meter);
        _ = new Telemetry(meter, "0", "");
        return calls;
    }

    private void Require(ExtenderVerb verb, ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
    {
        var call = _verbs.Rent();
        call.Body.Append(_bodies[0]);
        _verbs.Answer(verb, call);
        ReadOnlySpan<byte> answer = call.Answer.ToArray();
        if (!answer.StartsWith(start) || !answer.EndsWith(end))
        {
            throw new InvalidOperationException($"{verb} answers {Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, 400)])}");
        }

        _verbs.Return(call);
    }

    private int Call(ExtenderVerb verb, int order = 0)
    {
        var body = _bodies[order];
        _number = (_number + 1) % Pods;
        foreach (var place in _places) _number.TryFormat(body.AsSpan(place, 8), out _, "x8", CultureInfo.InvariantCulture);
        var call = _verbs.Rent();
        call.Body.Append(body);
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
