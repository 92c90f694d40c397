namespace GpuScheduler.Core.Sharing;

/// <summary>
/// Whether a pod may be given replicas of a time-sliced or MPS-shared card for the GPUs it asks for (<see cref="SharingDialect.Replicas"/>).
/// By the annotation <c>gpu-scheduler.io/allow-shared</c>.
/// </summary>
public enum ReplicaUse
{
    /// <summary>
    /// No annotation: for one GPU, which is what the cluster's owner shared the cards for. Several are not given: they may be one card, and bring
    /// no more compute than one replica (NVIDIA's <c>failRequestsGreaterThanOne</c> refuses such pods on the node, too late).
    /// </summary>
    One,

    /// <summary><c>true</c>: for any number.</summary>
    Any,

    /// <summary><c>false</c>: never; the pod wants its GPU to itself.</summary>
    Never,
}

/// <summary>Reads <see cref="ReplicaUse"/>.</summary>
public static class AllowSharedAnnotation
{
    /// <summary>The pod annotation's key.</summary>
    public const string Key = "gpu-scheduler.io/allow-shared";

    /// <summary>Reads the annotation's value; null where it is absent.</summary>
    /// <exception cref="FormatException">It is neither <c>true</c> nor <c>false</c>.</exception>
    public static ReplicaUse Parse(string? text) => text switch
    {
        null => ReplicaUse.One,
        "true" => ReplicaUse.Any,
        "false" => ReplicaUse.Never,
        _ => throw new FormatException($"'{text}' is neither \"true\" nor \"false\""),
    };
}
