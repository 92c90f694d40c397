using System.Diagnostics;
using System.Globalization;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// What recording decisions costs the verbs: rounds with and without take turns in one process, so that whatever else the machine does falls on
/// both. The ratio of the fastest rounds is the cost; that of the medians tells how sure it is.
/// </summary>
internal static class RecordingReport
{
    private const int Rounds = 200;
    private const int CallsPerRound = 40;

    /// <summary>Measures and prints; always 0: times on a shared machine are no gate.</summary>
    public static int Run()
    {
        Console.WriteLine($"{"nodes",6} {"verb",-22} {"us without",11} {"us with",9} {"fastest",8} {"median",8}");
        foreach (var nodes in new[] { 500, 5_000, 15_000 })
        {
            var without = Create(nodes, recording: false);
            var with = Create(nodes, recording: true);
            foreach (var (name, call) in new (string, Func<VerbBenchmarks, int>)[]
            {
                ("filter", verbs => verbs.Filter()), ("prioritize", verbs => verbs.Prioritize()),
                ("filter after change", verbs => verbs.FilterAfterChange()), ("prioritize after change", verbs => verbs.PrioritizeAfterChange()),
            })
            {
                var (off, on) = (new double[Rounds], new double[Rounds]);
                for (var round = -20; round < Rounds; round++)
                {
                    var isOnFirst = (round & 1) != 0;
                    var first = Microseconds(isOnFirst ? with : without, call);
                    var second = Microseconds(isOnFirst ? without : with, call);
                    if (round < 0) continue;
                    (on[round], off[round]) = isOnFirst ? (first, second) : (second, first);
                }

                Array.Sort(off);
                Array.Sort(on);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{nodes,6} {name,-22} {off[0],11:F2} {on[0],9:F2} {on[0] / off[0],8:F3} {on[Rounds / 2] / off[Rounds / 2],8:F3}"));
            }
        }

        return 0;
    }

    private static VerbBenchmarks Create(int nodes, bool recording)
    {
        var verbs = new VerbBenchmarks { Nodes = nodes, Recording = recording };
        verbs.Setup();
        return verbs;
    }

    private static double Microseconds(VerbBenchmarks verbs, Func<VerbBenchmarks, int> call)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < CallsPerRound; i++) call(verbs);
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / CallsPerRound;
    }
}
