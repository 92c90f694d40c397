using System.Diagnostics;
using System.Globalization;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>Times <see cref="GangBenchmarks"/> in a few seconds: the least and the median of many single calls.</summary>
internal static class GangReport
{
    private const int Calls = 300;

    /// <summary>Prints the table; 1 when the first plan of 512 pods on 5,000 nodes takes 5 ms or more.</summary>
    public static int Run()
    {
        Console.WriteLine("| pods | operation | least µs | median µs |");
        Console.WriteLine("|---|---|---|---|");
        var isSlow = false;
        foreach (var pods in new[] { 8, 512 })
        {
            var gang = new GangBenchmarks { Nodes = 5_000, Pods = pods };
            gang.Setup();
            Print(pods, "filter", () => gang.Filter());
            Print(pods, "plan after a change", () => gang.PlanAfterChange());
            isSlow |= Print(pods, "first plan", () => gang.FirstPlan()) >= 5_000;
        }

        return isSlow ? 1 : 0;
    }

    private static double Print(int pods, string what, Action call)
    {
        for (var i = 0; i < Calls; i++) call();
        var times = new double[Calls];
        for (var i = 0; i < Calls; i++)
        {
            var started = Stopwatch.GetTimestamp();
            call();
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {pods} | {what} | {times[0]:0} | {times[Calls / 2]:0} |"));
        return times[Calls / 2];
    }
}
