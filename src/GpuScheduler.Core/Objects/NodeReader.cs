using System.Text.Json;
using GpuScheduler.Core.Objects.Json;
using GpuScheduler.Core.Resources;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// Turns the JSON of a <c>core/v1 Node</c> into a <see cref="Node"/>: for the API watch, the extender's requests and files alike.
/// Holds no state between calls: one instance serves any number of threads.
/// </summary>
/// <remarks>
/// Unknown fields are skipped and <c>null</c> counts as absent. As in the API server (<c>SetDefaults_NodeStatus</c>), a node without
/// <c>allocatable</c> offers its <c>capacity</c>.
/// </remarks>
public sealed class NodeReader
{
    private readonly ResourceListReader _resources;

    /// <summary>Builds a reader.</summary>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    public NodeReader(GpuResourceCatalog catalog) => _resources = new ResourceListReader(catalog);

    /// <summary>
    /// Reads one node. Entered on its <c>StartObject</c>; left on the matching <c>EndObject</c>, also when it throws a
    /// <see cref="FormatException"/>, so that a caller can go on with the next object. The whole node must be in the reader's input.
    /// A quantity that cannot be read is left out and told in <see cref="Node.Problems"/>.
    /// </summary>
    /// <exception cref="FormatException">A field is not what it should be; the message begins with the field's path.</exception>
    /// <exception cref="JsonException">The text is not JSON, or it ends too early; the reader cannot be used further.</exception>
    public Node Read(ref Utf8JsonReader reader) => ObjectRecovery.Read(ref reader, ReadNode);

    private Node ReadNode(ref Utf8JsonReader reader, JsonPath path)
    {
        var metadata = new ObjectMetadata(KeptKeys.All, KeptKeys.OfNodes);
        var spec = new NodeSpecReader();
        var status = new NodeStatusReader(_resources);
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "metadata"u8)) metadata.Read(ref reader, path);
            else if (NameIs(ref reader, "spec"u8)) spec.Read(ref reader, path);
            else if (NameIs(ref reader, "status"u8)) status.Read(ref reader, path);
            else Skip(ref reader);
        }

        metadata.RequireName();
        if (spec.IsUnschedulable && !spec.Taints.Contains(Taint.Unschedulable)) spec.Taints.Add(Taint.Unschedulable);
        return new Node
        {
            Name = metadata.Name,
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            Labels = metadata.Labels,
            Annotations = metadata.Annotations,
            Taints = spec.Taints,
            Allocatable = status.Allocatable ?? status.Capacity ?? [],
            Capacity = status.Capacity ?? [],
            IsUnschedulable = spec.IsUnschedulable,
            Conditions = status.Conditions,
            Gpu = GpuLabels.Read(metadata.Labels),
            Problems = status.Problems,
        };
    }
}
