namespace GpuScheduler.Kubernetes;

/// <summary>Names one kind of object the way URLs and RBAC rules do.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version within the group, such as <c>v1</c>.</param>
/// <param name="Plural">Lower-case plural, as in URLs and RBAC rules.</param>
/// <param name="Kind">Kind, as in an object's <c>kind</c> field.</param>
/// <param name="IsNamespaced">Whether objects live in namespaces.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    /// <summary>Pods, core/v1.</summary>
    public static ResourceType Pods { get; } = new("", "v1", "pods", "Pod", IsNamespaced: true);

    /// <summary>Nodes, core/v1.</summary>
    public static ResourceType Nodes { get; } = new("", "v1", "nodes", "Node", IsNamespaced: false);

    /// <summary>Leases, coordination.k8s.io/v1.</summary>
    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", IsNamespaced: true);

    /// <summary>Events, events.k8s.io/v1 (served since Kubernetes 1.19).</summary>
    public static ResourceType Events { get; } = new("events.k8s.io", "v1", "events", "Event", IsNamespaced: true);

    /// <summary>Events, core/v1: the older form, for servers without <c>events.k8s.io</c>.</summary>
    public static ResourceType CoreEvents { get; } = new("", "v1", "events", "Event", IsNamespaced: true);

    /// <summary>TokenReviews, authentication.k8s.io/v1: answered, never stored.</summary>
    public static ResourceType TokenReviews { get; } = new("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", IsNamespaced: false);

    /// <summary>SubjectAccessReviews, authorization.k8s.io/v1: answered, never stored.</summary>
    public static ResourceType SubjectAccessReviews { get; } =
        new("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", IsNamespaced: false);

    /// <summary>The <c>apiVersion</c> field of such an object: <c>v1</c> or <c>group/version</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
