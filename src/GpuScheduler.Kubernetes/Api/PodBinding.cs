namespace GpuScheduler.Kubernetes;

/// <summary>
/// Binds a pod to a node, and puts annotations on the pod in the same write (the API server merges a Binding's annotations
/// into the pod; registry/core/pod/storage <c>setPodHostAndAnnotations</c>).
/// </summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="PodName">The pod's name.</param>
/// <param name="PodUid">
/// The UID the pod must have: a newer pod of the same name is answered with a conflict. Servers before 1.21 or so ignore it (1.20.2
/// does, 1.36.2 does not; tried against both). Null for no precondition.
/// </param>
/// <param name="NodeName">The node.</param>
/// <param name="Annotations">Annotations to merge into the pod; empty for none.</param>
public sealed record PodBinding(
    string Namespace,
    string PodName,
    string? PodUid,
    string NodeName,
    IReadOnlyDictionary<string, string> Annotations);
