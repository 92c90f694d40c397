using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GpuScheduler.Server.Metrics;

/// <summary>The process under the names that every Prometheus client uses; the .NET runtime has a meter of its own.</summary>
internal static class ProcessMetrics
{
    /// <summary>Adds them to a meter.</summary>
    public static void Add(Meter meter)
    {
        var started = new DateTimeOffset(Process.GetCurrentProcess().StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process started, in seconds since 1970.");
        meter.CreateObservableCounter("process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used.");
        meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By", "Memory the process holds.");
    }
}
