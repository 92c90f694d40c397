using System.Text.Json;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>An object behind a gang, and its identity.</summary>
/// <param name="Group">What it says.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="ResourceVersion">Its version.</param>
internal sealed record PodGroupObject(PodGroup Group, string Uid, string ResourceVersion);

/// <summary>
/// Reads PodGroups: <c>spec.minMember</c> (coscheduling: scheduler-plugins <c>apis/scheduling/v1alpha1</c>; Volcano:
/// <c>pkg/apis/scheduling/v1beta1</c>, with <c>networkTopology</c>), or <c>spec.schedulingPolicy.gang.minCount</c> and
/// <c>spec.schedulingConstraints.topology</c> (Kubernetes, <c>scheduling.k8s.io/v1alpha2</c>).
/// </summary>
/// <param name="kind">Which of the three; one of the constants of <see cref="PodGroup"/>.</param>
internal sealed class PodGroupObjects(string kind) : IObjectReader<PodGroupObject>
{
    public PodGroupObject Read(ref Utf8JsonReader reader)
    {
        var root = JsonElement.ParseValue(ref reader);
        var metadata = Find(root, "metadata") ?? throw new FormatException("metadata: missing");
        var spec = Find(root, "spec");
        var size = Number(spec, "minMember");
        if (size == 0) size = Number(Find(Find(spec, "schedulingPolicy"), "gang"), "minCount");
        var group = new PodGroup(kind, Text(metadata, "namespace"), Text(metadata, "name"), size, TopologyOf(spec));
        return group.Name.Length > 0
            ? new PodGroupObject(group, Text(metadata, "uid"), Text(metadata, "resourceVersion")) : throw new FormatException("metadata.name: missing");
    }

    public ObjectMeta MetaOf(PodGroupObject value) => new(value.Group.Namespace, value.Group.Name, value.Uid, value.ResourceVersion);

    private static TopologyWish TopologyOf(JsonElement? spec)
    {
        if (Find(spec, "networkTopology") is { } network && Number(network, "highestTierAllowed") is > 0 and var tier)
        {
            return TopologyWish.None with
            {
                RequiredTier = Text(network, "mode") == "soft" ? 0 : tier,
                PreferredTier = Text(network, "mode") == "soft" ? tier : 0,
            };
        }

        return Find(Find(spec, "schedulingConstraints"), "topology") is { ValueKind: JsonValueKind.Array } constraints && constraints.GetArrayLength() > 0
            && Text(constraints[0], "key") is { Length: > 0 } key ? new TopologyWish(key, null) : TopologyWish.None;
    }

    private static JsonElement? Find(JsonElement? element, string property) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(property, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static int Number(JsonElement? element, string property) =>
        Find(element, property) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number > 0 ? number : 0;

    private static string Text(JsonElement? element, string property) =>
        Find(element, property) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
}
