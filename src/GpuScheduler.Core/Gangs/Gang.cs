using System.Collections.Immutable;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs;

/// <summary>The pods that start together or not at all, as they are in one snapshot. Immutable.</summary>
public sealed record Gang
{
    /// <summary>Its name.</summary>
    public required GangKey Key { get; init; }

    /// <summary>With how many pods at least it starts; 0 when nobody says: then all that exist start together.</summary>
    public int MinSize { get; init; }

    /// <summary>How close it wants to be.</summary>
    public TopologyWish Topology { get; init; } = TopologyWish.None;

    /// <summary>The highest priority among its pods.</summary>
    public int Priority { get; init; }

    /// <summary>When its first pod was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Pods without a node, in the order of their names (<c>w-2</c> before <c>w-10</c>).</summary>
    public ImmutableArray<Pod> Waiting { get; init; } = [];

    /// <summary>Pods that hold a node's resources.</summary>
    public ImmutableArray<GangPlace> Placed { get; init; } = [];

    /// <summary>
    /// While its pods are being bound: the places kept free for those that have not come yet. Null when nothing is held. The snapshot's columns
    /// count them as taken.
    /// </summary>
    public ImmutableArray<GangPlace>? Held { get; init; }

    /// <summary>It has been let go: pods run, or are being bound for good. What comes later follows them, alone.</summary>
    public bool IsStarted { get; init; }

    /// <summary>It was given its turn and did not take it: others are planned for first.</summary>
    public bool IsSetAside { get; init; }

    /// <summary>Its PodGroup, which alone says with how many pods it starts, has not been seen.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>How many pods exist.</summary>
    public int Count => Waiting.Length + Placed.Length;

    /// <summary>How many pods must be placed before any of them is bound: 0 once it has started.</summary>
    public int Quorum => IsStarted ? 0 : MinSize > 0 ? MinSize : Count;

    /// <summary>Fewer pods exist than it starts with.</summary>
    public bool IsIncomplete => Count < Quorum;
}

/// <summary>A place for one pod of a gang.</summary>
/// <param name="Shape">What it takes.</param>
/// <param name="NodeName">Where.</param>
/// <param name="Uid">The pod it is for, or of; null for one that does not exist yet.</param>
public sealed record GangPlace(PodShape Shape, string NodeName, string? Uid);
