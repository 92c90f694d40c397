using System.Buffers;
using System.Globalization;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Server.Sources;

/// <summary>What a manifest asks to be scheduled.</summary>
/// <param name="Kind">Its kind: <c>Pod</c>, or a workload with a pod template.</param>
/// <param name="Pod">The pod, or a pod of the template under the workload's name.</param>
/// <param name="Copies">How many are wanted at the same time.</param>
internal sealed record Manifest(string Kind, Pod Pod, int Copies);

/// <summary>
/// Reads the pods out of manifests as people write them: YAML or JSON, several documents and lists, pods and the workloads with a pod template
/// (Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job, CronJob). Other kinds are passed over.
/// </summary>
/// <param name="catalog">Tells which resources are GPUs.</param>
internal sealed class ManifestReader(GpuResourceCatalog catalog)
{
    private const int MaxManifests = 50;

    private static readonly JsonReaderOptions Json = new() { AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly PodReader _pods = new(catalog);

    /// <summary>Reads them in order.</summary>
    /// <exception cref="FormatException">It is neither JSON nor YAML, a pod is wrong, there is none, or there are too many.</exception>
    public IReadOnlyList<Manifest> Read(byte[] text)
    {
        var found = new List<Manifest>();
        var passedOver = new List<string>();
        foreach (var document in Documents(text))
        {
            using (document) Add(document.RootElement, "", found, passedOver);
        }

        if (found.Count > 0) return found;
        throw new FormatException(
            passedOver.Count == 0 ? "there is no manifest in it; send a Pod, or a Deployment, StatefulSet, DaemonSet, Job or CronJob, as YAML or JSON"
            : $"there is no pod and no pod template in it, only {string.Join(", ", passedOver)}; Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job and CronJob are understood");
    }

    /// <summary>What begins like JSON may still be YAML in its flow style.</summary>
    private static List<JsonDocument> Documents(byte[] text)
    {
        if (!YamlToJson.IsJson(text)) return Parse(YamlToJson.Convert(text));
        try
        {
            return Parse(text);
        }
        catch (JsonException problem)
        {
            return YamlToJson.TryConvert(text) is { } json ? Parse(json) : throw new FormatException($"not valid JSON: {problem.Message}", problem);
        }
    }

    private static List<JsonDocument> Parse(ReadOnlySpan<byte> text)
    {
        var documents = new List<JsonDocument>();
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        if (text.Trim(" \t\r\n"u8).IsEmpty) return documents;
        var reader = new Utf8JsonReader(text, Json);
        while (reader.Read()) documents.Add(JsonDocument.ParseValue(ref reader));
        return documents;
    }

    private void Add(JsonElement value, string impliedKind, List<Manifest> found, List<string> passedOver)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new FormatException($"expected a Kubernetes object, found {value.ValueKind}");
        if (found.Count == MaxManifests) throw new FormatException($"there are more than {MaxManifests.ToString(CultureInfo.InvariantCulture)} pods and templates in it; send fewer at a time");
        var kind = Text(value, "kind") is { Length: > 0 } said ? said : impliedKind;
        if (kind.EndsWith("List", StringComparison.Ordinal) && value.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in items.EnumerateArray()) Add(item, kind[..^"List".Length], found, passedOver);
            return;
        }

        // kubectl fills the kind in; somebody who pastes a bare pod into a page may not.
        if (kind.Length == 0 && value.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("containers", out _)) kind = "Pod";
        switch (kind)
        {
            case "Pod":
                found.Add(new Manifest(kind, ReadPod(kind, value, value), 1));
                break;
            case "Deployment" or "ReplicaSet" or "ReplicationController" or "StatefulSet" or "DaemonSet" or "Job" when Child(value, "spec", "template") is { } template:
                found.Add(new Manifest(kind, ReadPod(kind, template, value), CopiesOf(value, kind == "Job" ? "parallelism" : "replicas")));
                break;
            case "CronJob" when Child(value, "spec", "jobTemplate", "spec", "template") is { } template:
                found.Add(new Manifest(kind, ReadPod(kind, template, value), CopiesOf(Child(value, "spec", "jobTemplate")!.Value, "parallelism")));
                break;
            default:
                passedOver.Add(kind.Length > 0 ? kind : "an object without a kind");
                break;
        }
    }

    /// <summary>A template says neither its name nor its namespace: those are the workload's.</summary>
    private Pod ReadPod(string kind, JsonElement pod, JsonElement owner)
    {
        var name = NameOf(pod) ?? NameOf(owner) ?? "unnamed";
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata"u8);
            writer.WriteString("name"u8, name);
            var inNamespace = Text(Child(pod, "metadata"), "namespace") is { Length: > 0 } own ? own : Text(Child(owner, "metadata"), "namespace");
            if (inNamespace.Length > 0) writer.WriteString("namespace"u8, inNamespace);
            if (Child(pod, "metadata") is { } metadata)
            {
                foreach (var field in metadata.EnumerateObject())
                {
                    if (field.Name is not ("name" or "namespace")) field.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
            foreach (var field in pod.EnumerateObject())
            {
                if (field.Name is "spec" or "status") field.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        reader.Read();
        try
        {
            return _pods.Read(ref reader);
        }
        catch (FormatException problem)
        {
            throw new FormatException($"{kind} {name}: {problem.Message}", problem);
        }
    }

    private static string? NameOf(JsonElement value)
    {
        var metadata = Child(value, "metadata");
        if (Text(metadata, "name") is { Length: > 0 } name) return name;
        return Text(metadata, "generateName") is { Length: > 0 } generated ? generated + "x" : null;
    }

    private static int CopiesOf(JsonElement workload, string field) =>
        Child(workload, "spec") is { } spec && spec.TryGetProperty(field, out var number) && number.ValueKind == JsonValueKind.Number
        && number.TryGetInt32(out var copies) && copies > 0 ? copies : 1;

    private static string Text(JsonElement? value, string field) =>
        value is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(field, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()! : "";

    private static JsonElement? Child(JsonElement value, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return null;
        }

        return value.ValueKind == JsonValueKind.Object ? value : null;
    }
}
