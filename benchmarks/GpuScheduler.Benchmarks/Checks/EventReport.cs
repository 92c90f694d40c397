using System.Diagnostics;
using System.Globalization;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>Times one pod event applied and published (<see cref="PumpBenchmarks"/>) in a few seconds, without and with topology domains.</summary>
internal static class EventReport
{
    private const int Nodes = 15_000;
    private const int Rounds = 40;
    private const int EventsPerRound = 1_000;

    /// <summary>Prints the table; 1 when an event takes 20 µs or more, or 40,000 bytes.</summary>
    public static int Run()
    {
        Console.WriteLine("| nodes | topology | least µs an event | median µs | bytes an event |");
        Console.WriteLine("|---|---|---|---|---|");
        var isSlow = false;
        foreach (var topology in new[] { false, true })
        {
            var pump = new PumpBenchmarks { Nodes = Nodes, Topology = topology };
            pump.Setup();
            for (var i = 0; i < 2 * EventsPerRound; i++) pump.ApplyAndPublish();
            var times = new double[Rounds];
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var round = 0; round < Rounds; round++)
            {
                var started = Stopwatch.GetTimestamp();
                for (var i = 0; i < EventsPerRound; i++) pump.ApplyAndPublish();
                times[round] = Stopwatch.GetElapsedTime(started).TotalMicroseconds / EventsPerRound;
            }

            var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (Rounds * EventsPerRound);
            Array.Sort(times);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Nodes} | {(topology ? "four levels" : "none")} | {times[0]:0.0} | {times[Rounds / 2]:0.0} | {bytes} |"));
            isSlow |= times[0] >= 20 || bytes >= 40_000;
        }

        return isSlow ? 1 : 0;
    }
}
