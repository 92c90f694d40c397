using System.Collections.ObjectModel;

namespace GpuScheduler.Core.Ledger;

/// <summary>What became of an attempt to place a pod.</summary>
public enum AssumeResult
{
    /// <summary>The pod now holds the node's resources, until it is confirmed, forgotten or expires.</summary>
    Assumed,

    /// <summary>It already held them on this node, assumed or confirmed: nothing changed.</summary>
    AlreadyThere,

    /// <summary>It is placed on another node.</summary>
    Elsewhere,

    /// <summary>The node is not known.</summary>
    UnknownNode,

    /// <summary>The pod was deleted or has ended.</summary>
    PodGone,

    /// <summary>The pod does not fit on the node any more.</summary>
    DoesNotFit,
}

/// <summary>What became of an attempt to place a pod, and why.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="DeviceMask">The devices it holds on the node (bit i: device i).</param>
/// <param name="Reason">A sentence for people when it was not placed; empty otherwise.</param>
public readonly record struct AssumeOutcome(AssumeResult Result, uint DeviceMask, string Reason)
{
    /// <summary>The annotations that tell the devices, for the Binding to carry: ours, and those of the pod's sharing dialect.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The pod holds the node's resources.</summary>
    public bool IsPlaced => Result is AssumeResult.Assumed or AssumeResult.AlreadyThere;
}
