namespace GpuScheduler.Core.Sharing;

/// <summary>
/// Whether a pod may be given replicas of a time-sliced or MPS-shared card for the GPUs it asks for (<see cref="SharingDialect.Replicas"/>).
/// By the annotation <see cref="Constraints.ConstraintAnnotations.AllowShared"/>.
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
