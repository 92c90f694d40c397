using System.Text;
using BenchmarkDotNet.Attributes;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Extender.Decisions;
using GpuScheduler.Extender.Wire;
using GpuScheduler.LoadTest.Bodies;

namespace GpuScheduler.Benchmarks;

/// <summary>
/// The two ends of a call alone: from the bytes of a body to rows, and from what was decided to the bytes of an answer. The pod is that of the
/// call before; a new order of names every time.
/// </summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private readonly CallBuffers[] _calls = new CallBuffers[16];
    private readonly ShapeAnswers _answers = new(BenchmarkCluster.GpuPod, new FailureTexts());
    private readonly ScoringResolver _resolver = new(GpuResourceCatalog.Default);
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;
    private readonly FailureMaps _maps = new(new ExtenderOptions(), knowsUnresolvable: true);
    private int _number;

    [Params(500, 5_000, 15_000, 65_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _snapshot = BenchmarkCluster.Create(Nodes);
        var pods = new PodReader(GpuResourceCatalog.Default);
        var (shapes, seen) = (new ShapeMemory(8), new SeenPods(8, pods));
        (string, string)[] nodes = [.. _snapshot.Names.Rows.ToArray().Select((row, i) => (row.Name, $"zone-{i % 3}"))];
        var start = Encoding.UTF8.GetBytes($"{{\"Pod\":{PodShapes.Pod(PodShapes.All[0].Resources)},\"Nodes\":null,\"NodeNames\":");
        for (var i = 0; i < _calls.Length; i++)
        {
            _calls[i] = new CallBuffers(new AskedPod(pods, shapes, seen));
            _calls[i].Body.Append([.. start, .. RequestBodies.NamesJson(NodeOrders.Arrange(nodes, Nodes, NodeOrder.Scheduler, seed: i)), (byte)'}']);
            if (Scan(_calls[i]) != Nodes) throw new InvalidOperationException("not all names were read");
            Decide(_calls[i]);
        }
    }

    /// <summary>Reads the body: the pod, and the row of each name.</summary>
    [Benchmark]
    public int Read() => Scan(_calls[_number++ % _calls.Length]);

    /// <summary>Finds the reasons of those that fail, and writes filter's answer.</summary>
    [Benchmark]
    public int WriteFilter()
    {
        var call = _calls[_number++ % _calls.Length];
        var fits = call.Fits(_snapshot);
        call.Failed.Clear();
        _answers.Explain(_snapshot, call.Asked.Rows, fits, call.Failed);
        FilterAnswer.Write(call, fits, _snapshot, isWhole: false, _maps);
        return call.Answer.Length;
    }

    /// <summary>Writes prioritize's answer.</summary>
    [Benchmark]
    public int WriteScores()
    {
        var call = _calls[_number++ % _calls.Length];
        call.ScoresAnswer.Write(call, _snapshot);
        return call.Answer.Length;
    }

    private int Scan(CallBuffers call)
    {
        var scanner = new RequestScanner(call.Body.Padded, call.Body.Length);
        return scanner.TryRead(_snapshot, call.Names, call.Asked, call.Pod) ? call.Asked.Count : -1;
    }

    private void Decide(CallBuffers call)
    {
        var fits = call.Fits(_snapshot);
        _answers.Fits(_snapshot, call.Asked.Rows, fits);
        var scores = call.Scores(_snapshot);
        _answers.Scores(_snapshot, fits, new PackGpus(), _resolver, scores);
        ScoreNormalizer.Normalize(scores, call.ScoresAnswer.ScoresOf(_snapshot));
    }
}
