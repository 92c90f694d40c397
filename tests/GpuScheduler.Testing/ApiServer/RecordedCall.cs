namespace GpuScheduler.Testing;

/// <summary>One call the fake server was asked, in the terms of an RBAC rule.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete; <c>get</c> with an empty resource for non-resource URLs.</param>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Resource">Plural, with its subresource: <c>pods/binding</c>. Empty for non-resource URLs.</param>
/// <param name="Namespace">Namespace; empty for all and for cluster-scoped.</param>
/// <param name="Name">Object's name; empty for collections.</param>
/// <param name="Path">Path as asked.</param>
/// <param name="Query">Query as asked, decoded.</param>
/// <param name="Headers">Request headers.</param>
/// <param name="Protocol">HTTP/1.1 or HTTP/2.</param>
/// <param name="Connection">Tells connections apart.</param>
public sealed record RecordedCall(
    string Verb,
    string Group,
    string Resource,
    string Namespace,
    string Name,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    string Protocol,
    string Connection)
{
    /// <summary>Verb and resource, as one reads them in a rule: <c>create pods/binding</c>.</summary>
    public override string ToString() => $"{Verb} {(Resource.Length > 0 ? Resource : Path)}";
}
