namespace GpuScheduler.Kubernetes;

/// <summary>
/// An <c>authorization.k8s.io/v1</c> SubjectAccessReview of a path that is no resource: asks whether a user may do something there. The server
/// answers it and stores nothing.
/// </summary>
public sealed record SubjectAccessReview
{
    /// <summary>Who asks; null in an answer.</summary>
    public ReviewedUser? User { get; init; }

    /// <summary>The path, as in <c>nonResourceURLs</c> of an RBAC rule.</summary>
    public string Path { get; init; } = "";

    /// <summary>The verb, e.g. <c>get</c>.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Whether the user may.</summary>
    public bool IsAllowed { get; init; }

    /// <summary>Why, or why not; empty when the server does not say.</summary>
    public string Reason { get; init; } = "";
}
