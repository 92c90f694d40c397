using System.Text.Json;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// Turns the JSON of a <c>core/v1 Pod</c> into a <see cref="Pod"/>: for the API watch, the extender's requests and files alike.
/// Holds no state between calls: one instance serves any number of threads.
/// </summary>
/// <remarks>
/// Unknown fields are skipped and <c>null</c> counts as absent. A request that cannot be read is an error: a pod whose demand is not known
/// must not be placed. A constraint that cannot be read is not: such a pod is counted where it is, and fits nowhere else
/// (<see cref="PodConstraints.Problems"/>). A pod without a namespace is in <c>default</c>; without a UID (written by hand) its full name is its identity.
/// </remarks>
public sealed class PodReader
{
    private readonly GpuResourceCatalog _catalog;
    private readonly ResourceListReader _resources;

    /// <summary>Builds a reader.</summary>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    public PodReader(GpuResourceCatalog catalog)
    {
        _catalog = catalog;
        _resources = new ResourceListReader(catalog);
    }

    /// <summary>
    /// Reads one pod. Entered on its <c>StartObject</c>; left on the matching <c>EndObject</c>, also when it throws a
    /// <see cref="FormatException"/>, so that a caller can go on with the next object. The whole pod must be in the reader's input.
    /// </summary>
    /// <exception cref="FormatException">A field is not what it should be; the message begins with the field's path.</exception>
    /// <exception cref="JsonException">The text is not JSON, or it ends too early; the reader cannot be used further.</exception>
    public Pod Read(ref Utf8JsonReader reader) => ObjectRecovery.Read(ref reader, ReadPod);

    private Pod ReadPod(ref Utf8JsonReader reader, JsonPath path)
    {
        var metadata = new ObjectMetadata(KeptKeys.OfPods, KeptKeys.OfPods);
        var spec = new PodSpecReader(_resources);
        var status = new PodStatusReader(_resources, spec.Request);
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "metadata"u8)) metadata.Read(ref reader, path);
            else if (NameIs(ref reader, "spec"u8)) spec.Read(ref reader, path);
            else if (NameIs(ref reader, "status"u8)) status.Read(ref reader, path);
            else Skip(ref reader);
        }

        metadata.RequireName();
        var inNamespace = metadata.Namespace.Length > 0 ? metadata.Namespace : "default";
        var shares = spec.Request.ContainerShares();
        return new Pod
        {
            Namespace = inNamespace,
            Name = metadata.Name,
            Uid = metadata.Uid.Length > 0 ? metadata.Uid : $"{inNamespace}/{metadata.Name}",
            ResourceVersion = metadata.ResourceVersion,
            Shape = ShapeOf(spec, metadata, shares),
            NodeName = spec.NodeName.Length > 0 ? spec.NodeName : null,
            NominatedNodeName = status.NominatedNodeName.Length > 0 ? status.NominatedNodeName : null,
            SchedulerName = spec.SchedulerName,
            Priority = spec.Priority,
            IsTerminal = status.Phase is "Succeeded" or "Failed",
            IsTerminating = metadata.IsTerminating,
            HasOtherConstraints = spec.HasOtherConstraints,
            NodeSelection = spec.NodeName.Length > 0 ? null : spec.NodeSelection,
            CreatedAt = metadata.CreatedAt,
            SchedulingGroup = spec.SchedulingGroup,
            ControllerKind = metadata.ControllerKind,
            ControllerName = metadata.ControllerName,
            Annotations = metadata.Annotations,
            Labels = metadata.Labels,
            ContainerShares = shares,
        };
    }

    private PodShape ShapeOf(PodSpecReader spec, ObjectMetadata metadata, IReadOnlyList<ContainerShare> containers)
    {
        var constraints = ConstraintAnnotations.Read(metadata.Annotations, out var models);
        try
        {
            return new PodShape(spec.Request.Compute(), _catalog, spec.Tolerations, models, containers, constraints);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"spec: {exception.Message}", exception);
        }
    }
}
