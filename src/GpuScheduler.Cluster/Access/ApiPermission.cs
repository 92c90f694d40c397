namespace GpuScheduler.Cluster.Access;

/// <summary>One thing RBAC must allow.</summary>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Resource">Plural, with its subresource: <c>pods/binding</c>.</param>
/// <param name="Verb">Verb as in a rule.</param>
/// <param name="IsInOwnNamespace">Whether our own namespace is enough.</param>
/// <param name="ResourceName">The one object it concerns; null for any. RBAC cannot restrict <c>create</c> by name.</param>
public readonly record struct ApiPermission(string Group, string Resource, string Verb, bool IsInOwnNamespace = false, string? ResourceName = null);
