using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// What a name costs in filter and prioritize, in nanoseconds, next to what copying the body and the answer once costs. Every figure is the
/// least of many short runs, all kinds in turn: what other work on the machine does to a mean, it does not do to that.
/// </summary>
internal static class VerbReport
{
    private const int Pods = 128;
    private const int Orders = 16;
    private const int Shortlist = 16;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1.5);
    private static readonly int[] Sizes = [500, 5_000, 65_000];
    private static readonly (string Name, string Resources)[] Kinds =
        [("all fit", PodShapes.Tiny), ("some fit", PodShapes.All[0].Resources), ("none fits", PodShapes.Huge)];

    /// <summary>Measures and prints.</summary>
    public static int Run()
    {
        Console.WriteLine("ns per name, least of many runs; bytes of the answer per name; ns per name of copying body and answer once");
        Console.WriteLine($"{"",6} {"",-20}{"filter",12}{"",14}{$"filter, shortlist {Shortlist}",20}{"",6}{"prioritize",18}");
        Console.WriteLine($"{"names",6} {"order",-10}{"pod",-10}{string.Concat(Enumerable.Repeat($"{"ns",12}{"bytes",7}{"copy",7}", 3))}");
        foreach (var size in Sizes)
        {
            var snapshot = BenchmarkCluster.Create(size);
            foreach (var order in Enum.GetValues<NodeOrder>())
            {
                foreach (var kind in Kinds)
                {
                    Calls[] all =
                    [
                        new(snapshot, size, order, kind.Resources, ExtenderVerb.Filter, 0),
                        new(snapshot, size, order, kind.Resources, ExtenderVerb.Filter, Shortlist),
                        new(snapshot, size, order, kind.Resources, ExtenderVerb.Prioritize, 0),
                    ];
                    MeasureInTurn(all);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size,6} {order,-10}{kind.Name,-10}{string.Concat(all.Select(calls => calls.Row(size)))}"));
                }
            }
        }

        return 0;
    }

    private static void MeasureInTurn(Calls[] all)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Time)
        {
            foreach (var calls in all) calls.Measure();
        }
    }

    private sealed class Calls
    {
        private readonly SnapshotStore _store = new();
        private readonly ExtenderVerbs _verbs;
        private readonly ExtenderVerb _verb;
        private readonly byte[][] _bodies = new byte[Orders][];
        private readonly int[] _places;
        private readonly byte[] _copy;
        private long _least = long.MaxValue;
        private long _leastCopy = long.MaxValue;
        private int _number;
        private int _answerBytes;

        public Calls(ClusterSnapshot snapshot, int size, NodeOrder order, string resources, ExtenderVerb verb, int shortlist)
        {
            _verb = verb;
            _store.Publish(snapshot);
            _verbs = new ExtenderVerbs(_store, new NoBinder(), new SingleStrategy(new PackGpus()), new LedgerOptions(), new ExtenderOptions { Shortlist = shortlist });
            (string, string)[] nodes = [.. snapshot.Names.Rows.ToArray().Select((row, i) => (row.Name, $"zone-{i % 3}"))];
            var start = Encoding.UTF8.GetBytes($"{{\"Pod\":{PodShapes.Pod(resources)},\"Nodes\":null,\"NodeNames\":");
            for (var i = 0; i < Orders; i++)
            {
                _bodies[i] = [.. start, .. RequestBodies.NamesJson(NodeOrders.Arrange(nodes, size, order, seed: i)), (byte)'}'];
            }

            var mark = Encoding.UTF8.GetBytes(RequestTemplate.NumberMark);
            _places = [.. Enumerable.Range(0, start.Length).Where(at => start.AsSpan(at).StartsWith(mark))];
            _copy = new byte[2 * (_bodies[0].Length + (size * 200))];
        }

        public string Row(int names) => string.Create(
            CultureInfo.InvariantCulture, $"{Nanoseconds(_least) / names,12:f2}{_answerBytes / (double)names,7:f0}{Nanoseconds(_leastCopy) / names,7:f2}");

        public void Measure()
        {
            var body = _bodies[_number % Orders];
            _number = (_number + 1) % Pods;
            foreach (var place in _places) _number.TryFormat(body.AsSpan(place, 8), out _, "x8", CultureInfo.InvariantCulture);
            var call = _verbs.Rent();
            call.Body.Append(body);
            var started = Stopwatch.GetTimestamp();
            _verbs.Answer(_verb, call);
            call.Answer.CopyTo(_copy);
            _least = Math.Min(_least, Stopwatch.GetTimestamp() - started);
            _answerBytes = call.Answer.Length;
            started = Stopwatch.GetTimestamp();
            call.Body.Written.CopyTo(_copy.AsSpan(_copy.Length / 2));
            _copy.AsSpan(0, _answerBytes).CopyTo(_copy.AsSpan(_copy.Length / 2));
            _leastCopy = Math.Min(_leastCopy, Stopwatch.GetTimestamp() - started);
            _verbs.Return(call);
        }

        private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
    }

    private sealed class NoBinder : IPodBinder
    {
        public ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken) => new(BindOutcome.Failed("not here"));
    }
}
