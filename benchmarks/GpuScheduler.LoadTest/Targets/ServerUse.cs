using System.Diagnostics;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>What a server has used up to a moment, or between two.</summary>
/// <param name="Cpu">Processor time, of all cores together.</param>
/// <param name="ResidentMiB">Resident memory at the end.</param>
/// <param name="Runtime">What the server tells of its runtime; null when it does not.</param>
internal sealed record ServerUse(TimeSpan Cpu, double ResidentMiB, RuntimeReport? Runtime)
{
    private const double BytesPerMiB = 1024 * 1024;

    /// <summary>Reads it; null when the process is not known, or not on this machine.</summary>
    public static async Task<ServerUse?> ReadAsync(int? processId, HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        if (processId is not { } id) return null;
        using var process = Process.GetProcessById(id);
        var runtime = await RuntimeReport.ReadAsync(http, url, cancellationToken);
        return new ServerUse(process.TotalProcessorTime, process.WorkingSet64 / BytesPerMiB, runtime);
    }

    /// <summary>What was used since an earlier moment.</summary>
    public ServerUse Since(ServerUse earlier) => new(Cpu - earlier.Cpu, ResidentMiB, earlier.Runtime is null ? null : Runtime?.Since(earlier.Runtime));
}
