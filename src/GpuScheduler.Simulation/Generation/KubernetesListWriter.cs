using System.Globalization;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Generation;

/// <summary>
/// Writes nodes and pods as <c>kubectl get nodes,pods -A -o json</c> does: one <c>v1 List</c>. What the readers of Core take in, nothing
/// else; amounts are written in the units of their columns, so reading gives the same numbers back.
/// </summary>
public static class KubernetesListWriter
{
    private const int FlushAt = 1 << 16;
    private static readonly JsonWriterOptions Format = new() { Indented = true };

    /// <summary>Writes the list and flushes.</summary>
    public static void Write(Stream output, GeneratedCluster cluster)
    {
        using var json = new Utf8JsonWriter(output, Format);
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteStartArray("items");
        foreach (var node in cluster.Nodes) WriteNode(json, node);
        foreach (var pod in cluster.Pods) WritePod(json, pod);
        json.WriteEndArray();
        json.WriteString("kind", "List");
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, Node node)
    {
        Begin(json, "Node");
        json.WriteStartObject("metadata");
        Map(json, "annotations", node.Annotations);
        Map(json, "labels", node.Labels);
        json.WriteString("name", node.Name);
        Identity(json, node.ResourceVersion, node.Uid);
        json.WriteEndObject();

        json.WriteStartObject("spec");
        if (node.IsUnschedulable) json.WriteBoolean("unschedulable", true);
        var taints = node.Taints.Where(taint => taint != Taint.Unschedulable).ToList();
        if (taints.Count > 0)
        {
            json.WriteStartArray("taints");
            foreach (var taint in taints)
            {
                json.WriteStartObject();
                json.WriteString("effect", taint.Effect);
                json.WriteString("key", taint.Key);
                if (taint.Value.Length > 0) json.WriteString("value", taint.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();

        json.WriteStartObject("status");
        Amounts(json, "allocatable", node.Allocatable);
        Amounts(json, "capacity", node.Capacity);
        json.WriteStartArray("conditions");
        foreach (var (type, status) in node.Conditions)
        {
            json.WriteStartObject();
            json.WriteString("status", status);
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        End(json);
    }

    private static void WritePod(Utf8JsonWriter json, Pod pod)
    {
        Begin(json, "Pod");
        json.WriteStartObject("metadata");
        Map(json, "annotations", pod.Annotations);
        Map(json, "labels", pod.Labels);
        json.WriteString("name", pod.Name);
        json.WriteString("namespace", pod.Namespace);
        Identity(json, pod.ResourceVersion, pod.Uid);
        json.WriteEndObject();

        json.WriteStartObject("spec");
        json.WriteStartArray("containers");
        json.WriteStartObject();
        json.WriteString("name", "main");
        json.WriteStartObject("resources");
        Amounts(json, "limits", [.. pod.Shape.Requests]);
        Amounts(json, "requests", [.. pod.Shape.Requests]);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        if (pod.NodeName is not null) json.WriteString("nodeName", pod.NodeName);
        json.WriteNumber("priority", pod.Priority);
        json.WriteString("schedulerName", pod.SchedulerName);
        json.WriteEndObject();

        json.WriteStartObject("status");
        json.WriteString("phase", pod.NodeName is null ? "Pending" : "Running");
        json.WriteEndObject();
        End(json);
    }

    private static void Begin(Utf8JsonWriter json, string kind)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", kind);
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        if (json.BytesPending > FlushAt) json.Flush();
    }

    private static void Identity(Utf8JsonWriter json, string resourceVersion, string uid)
    {
        if (resourceVersion.Length > 0) json.WriteString("resourceVersion", resourceVersion);
        if (uid.Length > 0) json.WriteString("uid", uid);
    }

    private static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        if (map.Count == 0) return;
        json.WriteStartObject(name);
        foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void Amounts(Utf8JsonWriter json, string name, IReadOnlyList<ResourceAmount> amounts)
    {
        json.WriteStartObject(name);
        foreach (var (resource, amount) in amounts) json.WriteString(resource, Quantity(resource, amount));
        json.WriteEndObject();
    }

    private static string Quantity(string resource, long amount) => ResourceNames.UnitOf(resource) switch
    {
        ResourceUnit.Milli when amount % 1000 != 0 => $"{amount.ToString(CultureInfo.InvariantCulture)}m",
        ResourceUnit.Milli => (amount / 1000).ToString(CultureInfo.InvariantCulture),
        ResourceUnit.MiB => $"{amount.ToString(CultureInfo.InvariantCulture)}Mi",
        _ => amount.ToString(CultureInfo.InvariantCulture),
    };
}
