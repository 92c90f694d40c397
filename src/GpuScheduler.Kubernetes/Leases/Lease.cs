namespace GpuScheduler.Kubernetes;

/// <summary>A <c>coordination.k8s.io/v1</c> Lease, as leader election uses it.</summary>
/// <remarks>Replacing a lease keeps its labels and annotations; other metadata (owners, finalizers) is not carried.</remarks>
public sealed record Lease
{
    /// <summary>Identity. Its resourceVersion makes a replace conditional; empty when creating.</summary>
    public required ObjectMeta Meta { get; init; }

    /// <summary>Who holds the lease; empty when released.</summary>
    public string HolderIdentity { get; init; } = "";

    /// <summary>How long others must wait after the last renewal they saw, seconds.</summary>
    public int LeaseDurationSeconds { get; init; }

    /// <summary>When the holder took it, by the holder's clock.</summary>
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When the holder last renewed it, by the holder's clock.</summary>
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often it changed hands.</summary>
    public int LeaseTransitions { get; init; }

    /// <summary>Labels, carried along.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Annotations, carried along.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
