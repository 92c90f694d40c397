namespace GpuScheduler.Core.Objects;

/// <summary>A node as the API server describes it, trimmed to what placement needs. Immutable.</summary>
public sealed class Node
{
    /// <summary>Its name, unique in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Its UID; empty where the source has none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The opaque version of this object; empty where the source has none.</summary>
    public ResourceVersion ResourceVersion { get; init; }

    /// <summary>All labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = EmptyMap;

    /// <summary>The annotations we read (<c>gpu-scheduler.io/*</c> and the sharing dialects' own).</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = EmptyMap;

    /// <summary>Taints, <c>spec.unschedulable</c> included as <see cref="Taint.Unschedulable"/>.</summary>
    public IReadOnlyList<Taint> Taints { get; init; } = [];

    /// <summary>What pods may use, by resource, in column units, rounded down.</summary>
    public IReadOnlyList<ResourceAmount> Allocatable { get; init; } = [];

    /// <summary>What the node has, by resource, in column units, rounded down.</summary>
    public IReadOnlyList<ResourceAmount> Capacity { get; init; } = [];

    /// <summary><c>spec.unschedulable</c>.</summary>
    public bool IsUnschedulable { get; init; }

    /// <summary>Conditions by type: <c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public IReadOnlyDictionary<string, string> Conditions { get; init; } = EmptyMap;

    /// <summary>What the labels say of its GPUs.</summary>
    public GpuLabels Gpu { get; init; } = GpuLabels.None;

    /// <summary>Fields that were wrong and were left out, each a sentence naming the field; empty for a good object.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    private static IReadOnlyDictionary<string, string> EmptyMap { get; } = new Dictionary<string, string>().AsReadOnly();

    /// <summary>The same node with other annotations, or another name.</summary>
    internal Node With(IReadOnlyDictionary<string, string>? annotations = null, string? name = null) => new()
    {
        Name = name ?? Name,
        Uid = Uid,
        ResourceVersion = ResourceVersion,
        Labels = Labels,
        Annotations = annotations ?? Annotations,
        Taints = Taints,
        Allocatable = Allocatable,
        Capacity = Capacity,
        IsUnschedulable = IsUnschedulable,
        Conditions = Conditions,
        Gpu = Gpu,
        Problems = Problems,
    };

    /// <summary>The amount of a resource in <see cref="Allocatable"/>; 0 when it is not offered.</summary>
    public long AllocatableOf(string resourceName)
    {
        foreach (var (name, amount) in Allocatable)
        {
            if (name == resourceName) return amount;
        }

        return 0;
    }
}
