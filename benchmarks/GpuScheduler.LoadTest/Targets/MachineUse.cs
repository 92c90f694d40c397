using System.Diagnostics;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>Who has used the machine's processors up to a moment: tells whether others were at work while something was measured.</summary>
/// <param name="All">Everybody; null where it cannot be told.</param>
/// <param name="Ours">This process and the servers it started.</param>
/// <param name="Timestamp">When, as <see cref="Stopwatch.GetTimestamp"/> tells it.</param>
internal sealed record MachineUse(TimeSpan? All, TimeSpan Ours, long Timestamp)
{
    /// <summary>Reads it. With a service that was not started here, nobody can be told from it.</summary>
    public static MachineUse Read(ServerProcess? service, ServerProcess? floor)
    {
        var ours = TimeSpan.Zero;
        foreach (var id in (ReadOnlySpan<int?>)[Environment.ProcessId, service?.Id, floor?.Id])
        {
            if (id is not { } known) continue;
            using var process = Process.GetProcessById(known);
            ours += process.TotalProcessorTime;
        }

        return new MachineUse(service is null ? null : Machine.BusyTime(), ours, Stopwatch.GetTimestamp());
    }

    /// <summary>The others' part of the machine since an earlier moment, 0..1; null where it cannot be told.</summary>
    public double? OthersShareSince(MachineUse earlier)
    {
        if (All is not { } all || earlier.All is not { } before) return null;
        var others = all - before - (Ours - earlier.Ours);
        return Math.Max(0, others / (Stopwatch.GetElapsedTime(earlier.Timestamp, Timestamp) * Environment.ProcessorCount));
    }
}
