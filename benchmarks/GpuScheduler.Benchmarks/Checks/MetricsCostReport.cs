using System.Diagnostics;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// What measuring the calls costs: the same calls in turns with it and without, so that whatever else the machine does falls on both. The
/// least time of many short batches is compared.
/// </summary>
internal static class MetricsCostReport
{
    private const int Batches = 400;
    private const int CallsPerBatch = 20;

    /// <summary>Prints a line per verb and size; 0.</summary>
    public static int Run()
    {
        Console.WriteLine($"{"",-24}{"without us",12}{"with us",12}{"ratio",9}");
        foreach (var nodes in new[] { 500, 5_000 })
        {
            var (bare, measured) = (Create(nodes, isMeasured: false), Create(nodes, isMeasured: true));
            Compare($"filter, {nodes} nodes", () => bare.Filter(), () => measured.Filter());
            Compare($"prioritize, {nodes} nodes", () => bare.Prioritize(), () => measured.Prioritize());
        }

        return 0;
    }

    private static VerbBenchmarks Create(int nodes, bool isMeasured)
    {
        var benchmarks = new VerbBenchmarks { Nodes = nodes, IsMeasured = isMeasured };
        benchmarks.Setup();
        return benchmarks;
    }

    private static void Compare(string name, Func<int> bare, Func<int> measured)
    {
        var (without, with) = (double.MaxValue, double.MaxValue);
        for (var batch = 0; batch < Batches; batch++)
        {
            without = Math.Min(without, Time(bare));
            with = Math.Min(with, Time(measured));
        }

        Console.WriteLine($"{name,-24}{without,12:0.00}{with,12:0.00}{with / without,9:0.000}");
    }

    private static double Time(Func<int> call)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < CallsPerBatch; i++) call();
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / CallsPerBatch;
    }
}
