namespace GpuScheduler.Kubernetes;

/// <summary>
/// The part of an object's <c>metadata</c> that identifies one version of it. Empty strings stand for absent fields, so a
/// cluster-scoped object has an empty <see cref="Namespace"/>.
/// </summary>
/// <param name="Namespace">Namespace; empty for cluster-scoped objects.</param>
/// <param name="Name">Name, unique per kind and namespace at any one time.</param>
/// <param name="Uid">Unique over the life of the cluster; two objects of one name that lived one after the other differ in it.</param>
/// <param name="ResourceVersion">Opaque version, to be handed back to the server and otherwise only compared for equality.</param>
public readonly record struct ObjectMeta(string Namespace, string Name, string Uid, string ResourceVersion)
{
    /// <summary>Metadata of which nothing is known.</summary>
    public static ObjectMeta Empty { get; } = new("", "", "", "");
}
