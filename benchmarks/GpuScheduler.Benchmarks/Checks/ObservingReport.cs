using System.Diagnostics;
using System.Globalization;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// What it costs the verbs to be watched: with metrics, and with metrics and recorded decisions, against neither. The three take turns in one
/// process, so that whatever else the machine does falls on all. The ratio of the fastest rounds is the cost; that of the medians tells how sure
/// it is.
/// </summary>
internal static class ObservingReport
{
    private const int Rounds = 400;
    private const int CallsPerRound = 40;

    /// <summary>Measures and prints; always 0: times on a shared machine are no gate.</summary>
    /// <param name="sizes">How many nodes; empty for 500, 5,000 and 15,000.</param>
    public static int Run(string[] sizes)
    {
        Console.WriteLine($"{"",30} {"us of the fastest round",26} {"metrics",16} {"and decisions",16}");
        Console.WriteLine($"{"nodes",6} {"verb",-23} {"bare",8} {"metrics",8} {"both",8} {"fastest",8} {"median",7} {"fastest",8} {"median",7}");
        foreach (var nodes in sizes.Length > 0 ? sizes.Select(size => int.Parse(size, CultureInfo.InvariantCulture)) : [500, 5_000, 15_000])
        {
            VerbBenchmarks[] variants = [Create(nodes, false, false), Create(nodes, true, false), Create(nodes, true, true)];
            foreach (var (name, call) in new (string, Func<VerbBenchmarks, int>)[]
            {
                ("filter", verbs => verbs.Filter()), ("prioritize", verbs => verbs.Prioritize()),
                ("filter after change", verbs => verbs.FilterAfterChange()), ("prioritize after change", verbs => verbs.PrioritizeAfterChange()),
            })
            {
                var took = Measure(variants, call);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{nodes,6} {name,-23} {took[0][0],8:F2} {took[1][0],8:F2} {took[2][0],8:F2} {Ratio(took, 1, 0),8:F3} {Ratio(took, 1, Rounds / 2),7:F3} {Ratio(took, 2, 0),8:F3} {Ratio(took, 2, Rounds / 2),7:F3}"));
            }
        }

        return 0;
    }

    /// <summary>Microseconds of a call by variant, rounds ascending.</summary>
    private static double[][] Measure(VerbBenchmarks[] variants, Func<VerbBenchmarks, int> call)
    {
        const int WarmUp = 40;
        var took = variants.Select(_ => new double[Rounds]).ToArray();
        for (var round = -WarmUp; round < Rounds; round++)
        {
            for (var turn = 0; turn < variants.Length; turn++)
            {
                var variant = (turn + round + WarmUp) % variants.Length;
                var microseconds = Microseconds(variants[variant], call);
                if (round >= 0) took[variant][round] = microseconds;
            }
        }

        foreach (var rounds in took) Array.Sort(rounds);
        return took;
    }

    private static double Ratio(double[][] took, int variant, int round) => took[variant][round] / took[0][round];

    private static VerbBenchmarks Create(int nodes, bool isMeasured, bool isRecorded)
    {
        var verbs = new VerbBenchmarks { Nodes = nodes, IsMeasured = isMeasured, Recording = isRecorded };
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
