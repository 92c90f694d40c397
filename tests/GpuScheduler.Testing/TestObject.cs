using System.Text.Json;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Testing;

/// <summary>The little of a pod or node that tests of the client look at.</summary>
/// <param name="Meta">Identity.</param>
/// <param name="NodeName"><c>spec.nodeName</c>; empty when unset.</param>
/// <param name="NominatedNodeName"><c>status.nominatedNodeName</c>; empty when unset.</param>
/// <param name="Annotations">Annotations.</param>
public sealed record TestObject(
    ObjectMeta Meta, string NodeName, string NominatedNodeName, IReadOnlyDictionary<string, string> Annotations);

/// <summary>Reads <see cref="TestObject"/>s; refuses any with a label <c>refuse</c>.</summary>
public sealed class TestObjectReader : IObjectReader<TestObject>
{
    /// <summary>The one instance.</summary>
    public static TestObjectReader Instance { get; } = new();

    /// <inheritdoc/>
    public ObjectMeta MetaOf(TestObject value) => value.Meta;

    /// <inheritdoc/>
    public TestObject Read(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var metadata = root.GetProperty("metadata");
        if (Text(metadata, "labels", "refuse").Length > 0)
        {
            throw new FormatException("refused because its label says so");
        }

        var annotations = metadata.TryGetProperty("annotations", out var map)
            ? map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal)
            : [];
        return new(
            new(Text(metadata, "namespace"), Text(metadata, "name"), Text(metadata, "uid"), Text(metadata, "resourceVersion")),
            Text(root, "spec", "nodeName"),
            Text(root, "status", "nominatedNodeName"),
            annotations);
    }

    private static string Text(JsonElement at, params string[] path)
    {
        foreach (var step in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
            {
                return "";
            }
        }

        return at.GetString() ?? "";
    }
}
