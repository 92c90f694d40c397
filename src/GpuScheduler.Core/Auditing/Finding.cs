namespace GpuScheduler.Core.Auditing;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Node">The node.</param>
/// <param name="Device">The device's index; null when it is not about one.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record Finding(FindingKind Kind, string Node, int? Device, string Message);

/// <summary>Kinds of findings.</summary>
public enum FindingKind
{
    /// <summary>The pods' own annotations give out more of a device than there is.</summary>
    OvercommittedDevice,

    /// <summary>A pod's annotation names devices that its node lacks, or that do not agree with what it asks for.</summary>
    PhantomAssignment,

    /// <summary>Pods hold more of a GPU resource than the node offers.</summary>
    BeyondAllocatable,

    /// <summary>A number in the snapshot is not the sum over its pods. The auditor has the row counted anew.</summary>
    WrongSum,

    /// <summary>A pod holds a device that is not healthy.</summary>
    UnhealthyInUse,

    /// <summary>A pod has been held for a bind for so long that the bind cannot be under way any more. The auditor gives its place back.</summary>
    StuckAssumption,
}

/// <summary>What one audit found.</summary>
/// <param name="Generation">Of the snapshot that was looked at.</param>
/// <param name="Devices">Devices that were looked at.</param>
/// <param name="OvercommittedDevices">Devices of which more is given out than there is; 0, or something is wrong.</param>
/// <param name="Findings">Everything found.</param>
public sealed record AuditReport(long Generation, int Devices, int OvercommittedDevices, IReadOnlyList<Finding> Findings)
{
    /// <summary>Before the first audit.</summary>
    public static AuditReport None { get; } = new(0, 0, 0, []);
}
