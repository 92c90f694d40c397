using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Objects;

/// <summary>A pod as the API server describes it, trimmed to what placement needs. Immutable.</summary>
public sealed record Pod
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name, unique in its namespace.</summary>
    public required string Name { get; init; }

    /// <summary>Its UID: the identity that the ledger counts by.</summary>
    public required string Uid { get; init; }

    /// <summary>The opaque version of this object; empty where the source has none.</summary>
    public ResourceVersion ResourceVersion { get; init; }

    /// <summary>What it asks for.</summary>
    public required PodShape Shape { get; init; }

    /// <summary>The node it is bound to; null while it waits.</summary>
    public string? NodeName { get; init; }

    /// <summary><c>status.nominatedNodeName</c>; null when absent.</summary>
    public string? NominatedNodeName { get; init; }

    /// <summary><c>spec.schedulerName</c>.</summary>
    public string SchedulerName { get; init; } = "";

    /// <summary><c>spec.priority</c>.</summary>
    public int Priority { get; init; }

    /// <summary>Succeeded or Failed: its resources are free again.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>It has a deletion timestamp: it still holds its resources.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>
    /// It says more about where it may go than we read: node selector or affinity, pod (anti-)affinity, topology spread, volumes that may be tied
    /// to nodes, host ports, resource claims, or scheduling gates that keep it from being scheduled at all.
    /// </summary>
    public bool HasOtherConstraints { get; init; }

    /// <summary>Which nodes it accepts by name and label while it waits; null for any, and once it has a node.</summary>
    public NodeSelection? NodeSelection { get; init; }

    /// <summary>When it was created; default where the source does not say.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The annotations we read: <c>gpu-scheduler.io/*</c> and those of the dialects and gang APIs.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = EmptyMap;

    /// <summary>The labels we read: those that name a gang.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = EmptyMap;

    /// <summary>What its containers ask for of Volcano's vGPUs one by one, in their order; empty when none does.</summary>
    public IReadOnlyList<ContainerShare> ContainerShares { get; init; } = [];

    /// <summary><c>spec.schedulingGroup.podGroupName</c>: the PodGroup it is scheduled with; empty without one.</summary>
    public string SchedulingGroup { get; init; } = "";

    /// <summary>Kind of the owner that controls it, e.g. <c>Job</c>; empty without one.</summary>
    public string ControllerKind { get; init; } = "";

    /// <summary>Name of the owner that controls it; empty without one.</summary>
    public string ControllerName { get; init; } = "";

    /// <summary>namespace/name.</summary>
    public string FullName => $"{Namespace}/{Name}";

    /// <summary>The same pod as it is once bound: on a node, with the annotations that the binding carries over its own.</summary>
    public Pod BoundTo(string nodeName, IReadOnlyDictionary<string, string> annotations)
    {
        if (annotations.Count == 0) return this with { NodeName = nodeName };
        var merged = new Dictionary<string, string>(Annotations);
        foreach (var (key, value) in annotations) merged[key] = value;
        return this with { NodeName = nodeName, Annotations = merged };
    }

    /// <inheritdoc/>
    public override string ToString() => FullName;

    private static IReadOnlyDictionary<string, string> EmptyMap { get; } = new Dictionary<string, string>().AsReadOnly();
}
