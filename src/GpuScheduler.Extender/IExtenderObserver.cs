using GpuScheduler.Core.Objects;

namespace GpuScheduler.Extender;

/// <summary>Is told of every call at its end: where metrics and decision records attach. Called on the request's thread; must not throw.</summary>
public interface IExtenderObserver
{
    /// <summary>A call has been answered; the answer is not sent yet. What <paramref name="call"/> points to is valid only until this returns.</summary>
    void CallEnded(in ExtenderCall call);
}

/// <summary>One call of one verb, as it ended.</summary>
public readonly ref struct ExtenderCall
{
    /// <summary>The verb.</summary>
    public required ExtenderVerb Verb { get; init; }

    /// <summary>From the end of the body to the end of the answer.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How the nodes fared.</summary>
    public required CallCounts Counts { get; init; }

    /// <summary>Nodes that filter turned down, by the numbers of <see cref="RejectionLabels.Names"/>.</summary>
    public required ReadOnlySpan<int> Rejected { get; init; }

    /// <summary>What the pod asks for; null for bind and where it could not be read.</summary>
    public required PodShape? Shape { get; init; }

    /// <summary>The pod's shape was remembered from an earlier call, with what nodes answered to it.</summary>
    public required bool IsShapeKnown { get; init; }

    /// <summary>Generation of the snapshot the answer was made from; 0 for bind and where none was looked at.</summary>
    public required long Generation { get; init; }

    /// <summary>What went wrong with the whole call; null when nothing did.</summary>
    public required string? Error { get; init; }
}

/// <summary>How the nodes of one call fared.</summary>
public record struct CallCounts
{
    /// <summary>Different nodes the request named.</summary>
    public int NodesIn { get; set; }

    /// <summary>Nodes the answer offers: feasible, scored, or with victims.</summary>
    public int NodesOut { get; set; }

    /// <summary>Feasible nodes that are not on the shortlist.</summary>
    public int LeftOut { get; set; }

    /// <summary>Nodes in <c>FailedNodes</c>.</summary>
    public int Resolvable { get; set; }

    /// <summary>Nodes in <c>FailedAndUnresolvableNodes</c>, the next two included.</summary>
    public int Unresolvable { get; set; }

    /// <summary>Nodes that only the extender rejects.</summary>
    public int OnlyExtenderSees { get; set; }

    /// <summary>Nodes that are not in the snapshot.</summary>
    public int Unknown { get; set; }
}
