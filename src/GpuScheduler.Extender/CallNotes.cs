using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender;

/// <summary>What is noted down during a call for <see cref="IExtenderObserver"/> and <see cref="Recording.DecisionRing"/>.</summary>
internal sealed class CallNotes
{
    public CallCounts Counts { get; set; }

    /// <summary>Nodes that filter turned down, by the number of their label.</summary>
    public int[] Rejected { get; } = new int[RejectionLabels.Names.Count];

    public PodShape? Shape { get; set; }

    public bool IsShapeKnown { get; set; }

    public long Generation { get; set; }

    public string? Error { get; set; }

    /// <summary>The cluster's snapshot; null where the request brought its own nodes.</summary>
    public ClusterSnapshot? Snapshot { get; set; }

    /// <summary>Who scored; null when nobody did.</summary>
    public IScoringStrategy? Strategy { get; set; }

    /// <summary>Timestamp of when the arguments were read.</summary>
    public long ReadAt { get; set; }

    /// <summary>Timestamp of when it was known which nodes fit, and how well.</summary>
    public long DecidedAt { get; set; }

    /// <summary>The pod of a preemption, in the body.</summary>
    public JsonRange Preemptor { get; set; }

    /// <summary>What bind was asked.</summary>
    public BindRequest? Bound { get; set; }

    /// <summary>The devices of a bind.</summary>
    public uint DeviceMask { get; set; }

    public void Clear()
    {
        Counts = default;
        Array.Clear(Rejected);
        Shape = null;
        IsShapeKnown = false;
        Generation = 0;
        Error = null;
        Snapshot = null;
        Strategy = null;
        ReadAt = 0;
        DecidedAt = 0;
        Preemptor = default;
        Bound = null;
        DeviceMask = 0;
    }
}
