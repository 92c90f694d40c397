using BenchmarkDotNet.Running;
using GpuScheduler.Benchmarks.Checks;

return args switch
{
    ["allocations", ..] => AllocationCheck.Run(),
    ["memory", ..] => MemoryReport.Run(),
    ["live-memory", ..] => await LiveMemoryReport.RunAsync(),
    ["live-memory-server", ..] => await LiveMemoryReport.ServeAsync(),
    ["observing", .. var sizes] => ObservingReport.Run(sizes),
    ["verbs", ..] => VerbReport.Run(),
    ["gangs", ..] => GangReport.Run(),
    ["pump", ..] => await PumpReport.RunAsync(),
    ["events", ..] => EventReport.Run(),
    _ => RunBenchmarks(args),
};

static int RunBenchmarks(string[] args)
{
    BenchmarkSwitcher.FromAssembly(typeof(GpuScheduler.Benchmarks.ScoringBenchmarks).Assembly).Run(args);
    return 0;
}
