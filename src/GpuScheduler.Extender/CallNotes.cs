using GpuScheduler.Core.Objects;

namespace GpuScheduler.Extender;

/// <summary>What is noted down during a call for <see cref="IExtenderObserver"/>.</summary>
internal sealed class CallNotes
{
    public CallCounts Counts { get; set; }

    /// <summary>Nodes that filter turned down, by the number of their label.</summary>
    public int[] Rejected { get; } = new int[RejectionLabels.Names.Count];

    public PodShape? Shape { get; set; }

    public bool IsShapeKnown { get; set; }

    public long Generation { get; set; }

    public string? Error { get; set; }

    public void Clear()
    {
        Counts = default;
        Array.Clear(Rejected);
        Shape = null;
        IsShapeKnown = false;
        Generation = 0;
        Error = null;
    }
}
