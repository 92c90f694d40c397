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
    private static readonly FailureMap[] Maps = [new(1, 0, 0), new(0, 1, 0), new(0, 1, 1)];

    private readonly CallBuffers[] _calls = new CallBuffers[16];
    private readonly ShapeAnswers _answers = new(BenchmarkCluster.GpuPod);
    private readonly ScoringResolver _resolver = new(GpuResourceCatalog.Default);
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;
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

    /// <summary>Sorts the nodes into offered and failed, and writes filter's answer.</summary>
    [Benchmark]
    public int WriteFilter()
    {
        var call = _calls[_number++ % _calls.Length];
        call.Verdicts.Sort(call.Asked.All, call.Fits(_snapshot), [], _snapshot, _answers, call.Unreadable, Maps, call.Notes.Rejected);
        FilterAnswer.Write(call, null);
        return call.Answer.Length;
    }

    /// <summary>Writes prioritize's answer.</summary>
    [Benchmark]
    public int WriteScores()
    {
        var call = _calls[_number++ % _calls.Length];
        ScoresAnswer.Write(call, null, call.Normalized);
        return call.Answer.Length;
    }

    private int Scan(CallBuffers call)
    {
        var scanner = new RequestScanner(call.Body.WithSlack(NameIndex.Reach), call.Body.Length);
        return scanner.TryRead(_snapshot, call.Names, call.Asked, call.Pod) ? call.Asked.Count : -1;
    }

    private void Decide(CallBuffers call)
    {
        _answers.Fits(_snapshot, call.Asked.Pages, call.Fits(_snapshot));
        var scores = call.Scores(_snapshot);
        _answers.Scores(_snapshot, call.Asked.Pages, new PackGpus(), _resolver, scores);
        for (var i = 0; i < call.Asked.Count; i++) call.Raw[i] = scores[call.Asked.All[i].Row];
        ScoreNormalizer.Normalize(call.Raw, call.Normalized);
    }
}
