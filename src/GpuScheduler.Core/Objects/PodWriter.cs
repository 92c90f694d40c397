using System.Text.Json;
using GpuScheduler.Core.Objects.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing.VolcanoVgpu;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// Writes a <see cref="Pod"/> as a <c>core/v1 Pod</c> with one container that asks for the whole effective request;
/// <see cref="PodReader"/> reads an equal pod back. What a pod must have but ours does not hold (the image, the owner's API version
/// and UID, the time of deletion) is filled with stand-ins; what we do not read of its constraints is not written.
/// </summary>
public static class PodWriter
{
    /// <summary>Writes the pod as one JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, Pod pod)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteString("kind"u8, "Pod"u8);
        WriteMetadata(writer, pod);
        WriteSpec(writer, pod);
        WriteStatus(writer, pod);
        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, Pod pod)
    {
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("name"u8, pod.Name);
        writer.WriteString("namespace"u8, pod.Namespace);
        writer.WriteString("uid"u8, pod.Uid);
        JsonWriting.WriteUnlessEmpty(writer, "resourceVersion", pod.ResourceVersion);
        if (pod.CreatedAt != default) writer.WriteString("creationTimestamp"u8, pod.CreatedAt);
        if (pod.IsTerminating) writer.WriteString("deletionTimestamp"u8, pod.CreatedAt);
        JsonWriting.WriteMap(writer, "labels", pod.Labels);
        JsonWriting.WriteMap(writer, "annotations", AnnotationsOf(pod));
        if (pod.ControllerName.Length > 0) WriteOwner(writer, pod);
        writer.WriteEndObject();
    }

    private static IEnumerable<KeyValuePair<string, string>> AnnotationsOf(Pod pod) =>
        pod.Shape.Models is null || pod.Annotations.ContainsKey(ModelSelector.Annotation) ? pod.Annotations
        : pod.Annotations.Append(KeyValuePair.Create(ModelSelector.Annotation, pod.Shape.Models.ToString()));

    private static void WriteOwner(Utf8JsonWriter writer, Pod pod)
    {
        writer.WriteStartArray("ownerReferences"u8);
        writer.WriteStartObject();
        writer.WriteString("apiVersion"u8, pod.ControllerKind is "Job" ? "batch/v1"u8 : "apps/v1"u8);
        writer.WriteString("kind"u8, pod.ControllerKind);
        writer.WriteString("name"u8, pod.ControllerName);
        writer.WriteString("uid"u8, $"{pod.ControllerKind}/{pod.ControllerName}");
        writer.WriteBoolean("controller"u8, true);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteSpec(Utf8JsonWriter writer, Pod pod)
    {
        writer.WriteStartObject("spec"u8);
        JsonWriting.WriteUnlessEmpty(writer, "nodeName", pod.NodeName);
        JsonWriting.WriteUnlessEmpty(writer, "schedulerName", pod.SchedulerName);
        if (pod.Priority != 0) writer.WriteNumber("priority"u8, pod.Priority);
        if (pod.SchedulingGroup.Length > 0)
        {
            writer.WriteStartObject("schedulingGroup"u8);
            writer.WriteString("podGroupName"u8, pod.SchedulingGroup);
            writer.WriteEndObject();
        }

        if (pod.NodeName is null && pod.NodeSelection is { } selection) NodeSelectionWriter.Write(writer, selection);
        if (!pod.Shape.Tolerations.IsEmpty) WriteTolerations(writer, pod.Shape.Tolerations);
        writer.WriteStartArray("containers"u8);
        if (pod.ContainerShares.Count < 2)
        {
            WriteContainer(writer, "main", pod.Shape.Requests);
        }
        else
        {
            // Whose vGPUs are whose decides how many devices the pod needs.
            for (var i = 0; i < pod.ContainerShares.Count; i++) WriteContainer(writer, i == 0 ? "main" : $"main-{i}", VolcanoVgpuDialect.RequestsOf(pod, i));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteContainer(Utf8JsonWriter writer, string name, ReadOnlySpan<ResourceAmount> requests)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("image"u8, "pause"u8);
        writer.WriteStartObject("resources"u8);
        JsonWriting.WriteAmounts(writer, "requests", requests);

        // The API server takes no extended resource without a limit equal to its request.
        writer.WriteStartObject("limits"u8);
        foreach (var amount in requests)
        {
            if (ResourceNames.IsExtended(amount.Name)) JsonWriting.WriteAmount(writer, amount);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteTolerations(Utf8JsonWriter writer, ReadOnlySpan<Toleration> tolerations)
    {
        writer.WriteStartArray("tolerations"u8);
        foreach (var toleration in tolerations)
        {
            writer.WriteStartObject();
            JsonWriting.WriteUnlessEmpty(writer, "key", toleration.Key);
            JsonWriting.WriteUnlessEmpty(writer, "operator", toleration.Operator);
            JsonWriting.WriteUnlessEmpty(writer, "value", toleration.Value);
            JsonWriting.WriteUnlessEmpty(writer, "effect", toleration.Effect);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteStatus(Utf8JsonWriter writer, Pod pod)
    {
        writer.WriteStartObject("status"u8);
        writer.WriteString("phase"u8, pod.IsTerminal ? "Succeeded"u8 : pod.NodeName is null ? "Pending"u8 : "Running"u8);
        JsonWriting.WriteUnlessEmpty(writer, "nominatedNodeName", pod.NominatedNodeName);
        writer.WriteEndObject();
    }
}
