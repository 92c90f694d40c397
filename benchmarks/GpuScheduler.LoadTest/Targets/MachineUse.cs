using System.Diagnostics;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>Who has used the machine's processors up to a moment: tells whether others were at work while something was measured.</summary>
/// <param name="All">Everybody; null where it cannot be told.</param>
/// <param name="Ours">This process and the servers it started.</param>
/// <param name="Timestamp">When, as <see cref="Stopwatch.GetTimestamp"/> tells it.</param>
internal sealed record MachineUse(TimeSpan? All, TimeSpan Ours, long Timestamp)
{
    /// <summary>Reads it. With a service that was not started here, nobody can be told from it.</summary>
    public static MachineUse Read(ServerProcess? service, params ReadOnlySpan<ServerProcess?> floors)
    {
        var ours = Used(Environment.ProcessId) + Used(service?.Id);
        foreach (var floor in floors) ours += Used(floor?.Id);

        return new MachineUse(service is null ? null : Machine.BusyTime(), ours, Stopwatch.GetTimestamp());
    }

    /// <summary>The others' part of the machine since an earlier moment, 0..1; null where it cannot be told.</summary>
    public double? OthersShareSince(MachineUse earlier)
    {
        if (All is not { } all || earlier.All is not { } before) return null;
        var others = all - before - (Ours - earlier.Ours);
        return Math.Max(0, others / (Stopwatch.GetElapsedTime(earlier.Timestamp, Timestamp) * Environment.ProcessorCount));
    }

    private static TimeSpan Used(int? processId)
    {
        if (processId is not { } id) return TimeSpan.Zero;
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }
}
