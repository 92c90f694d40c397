using System.Diagnostics.Metrics;
using GpuScheduler.Core.Auditing;

namespace GpuScheduler.Server.Metrics;

/// <summary>What the last audit found: one number that must be 0, and findings by kind, of which there are few.</summary>
internal static class AuditMetrics
{
    private static readonly (FindingKind Kind, KeyValuePair<string, object?> Label)[] Kinds =
        [.. Enum.GetValues<FindingKind>().Select(kind => (kind, new KeyValuePair<string, object?>("kind", LabelOf(kind))))];

    /// <summary>Adds them to a meter.</summary>
    public static void Add(Meter meter, Func<AuditReport> latest)
    {
        meter.CreateObservableGauge(
            "gpu_scheduler.overcommitted_devices", () => latest().OvercommittedDevices, "{device}",
            "Devices of which pods' own annotations give out more than there is, at the last audit; must be 0.");
        meter.CreateObservableGauge("gpu_scheduler.audit.findings", () => Count(latest()), "{finding}", "What the last audit found, by kind.");
    }

    private static IEnumerable<Measurement<int>> Count(AuditReport report) =>
        Kinds.Select(entry => new Measurement<int>(report.Findings.Count(finding => finding.Kind == entry.Kind), entry.Label));

    private static string LabelOf(FindingKind kind) => kind switch
    {
        FindingKind.OvercommittedDevice => "overcommitted_device",
        FindingKind.PhantomAssignment => "phantom_assignment",
        FindingKind.BeyondAllocatable => "beyond_allocatable",
        FindingKind.WrongSum => "wrong_sum",
        FindingKind.UnhealthyInUse => "unhealthy_in_use",
        FindingKind.StuckAssumption => "stuck_assumption",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a kind of finding without a label"),
    };
}
