using System.Text.Json;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>The APIs that have PodGroups.</summary>
public static class PodGroupKinds
{
    internal static readonly (ResourceType Resource, string Kind)[] All =
    [
        (new("scheduling.x-k8s.io", "v1alpha1", "podgroups", "PodGroup", IsNamespaced: true), PodGroup.Coscheduling),
        (new("scheduling.volcano.sh", "v1beta1", "podgroups", "PodGroup", IsNamespaced: true), PodGroup.Volcano),
        (new("scheduling.k8s.io", "v1alpha2", "podgroups", "PodGroup", IsNamespaced: true), PodGroup.Native),
    ];

    /// <summary>The kind of gang (<see cref="GangKey.Kind"/>) of PodGroups of an API, in whatever version; null for an unknown one.</summary>
    public static string? Of(string apiVersion) => Array.Find(All, known => apiVersion.StartsWith($"{known.Resource.Group}/", StringComparison.Ordinal)).Kind;

    /// <summary>Reads a PodGroup.</summary>
    /// <param name="reader">On its first token; left on its last.</param>
    /// <param name="kind">See <see cref="Of"/>.</param>
    /// <exception cref="FormatException">It has no name.</exception>
    public static PodGroup Read(ref Utf8JsonReader reader, string kind) => new PodGroupObjects(kind).Read(ref reader).Group;
}
