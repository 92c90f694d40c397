using System.Text.Json;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads which nodes a pod accepts from its spec. What cannot be read is left to kube-scheduler, which has the last word anyway.</summary>
internal sealed class NodeSelectionReader
{
    private List<KeyValuePair<string, string>>? _labels;
    private List<NodeSelectorTerm>? _terms;

    /// <summary>The selection; null when every node is accepted.</summary>
    public NodeSelection? Selection => _labels is null && _terms is null ? null : new NodeSelection(_labels ?? [], _terms);

    /// <summary>Reads <c>nodeSelector</c>; the reader is on its value.</summary>
    public void ReadSelector(Utf8JsonReader reader)
    {
        var value = JsonElement.ParseValue(ref reader);
        if (value.ValueKind != JsonValueKind.Object) return;
        _labels = [.. value.EnumerateObject().Where(label => label.Value.ValueKind == JsonValueKind.String)
            .Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!))];
        if (_labels.Count == 0) _labels = null;
    }

    /// <summary>Reads <c>affinity</c>; the reader is on its value.</summary>
    public void ReadAffinity(Utf8JsonReader reader)
    {
        var value = JsonElement.ParseValue(ref reader);
        if (Find(value, "nodeAffinity") is not { } node || Find(node, "requiredDuringSchedulingIgnoredDuringExecution") is not { } required
            || Find(required, "nodeSelectorTerms") is not { } terms)
        {
            return;
        }

        _terms = [.. Elements(terms).Select(term => new NodeSelectorTerm(
            [.. Requirements(term, "matchExpressions", isField: false), .. Requirements(term, "matchFields", isField: true)]))];
    }

    private static IEnumerable<NodeRequirement> Requirements(JsonElement term, string list, bool isField) =>
        Find(term, list) is { } found
            ? Elements(found).Select(item => new NodeRequirement(
                Text(Find(item, "key")), Text(Find(item, "operator")), Find(item, "values") is { } values ? Elements(values).Select(value => Text(value)) : [], isField))
            : [];

    private static JsonElement? Find(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static IEnumerable<JsonElement> Elements(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static string Text(JsonElement? element) => element is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
