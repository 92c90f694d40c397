using System.Globalization;
using System.Text.Json;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Server.Sources;

/// <summary>Takes the nodes, pods and PodGroups out of Kubernetes documents; other kinds are passed over.</summary>
internal sealed class ObjectCollector(string file, GpuResourceCatalog catalog)
{
    private readonly NodeReader _nodeReader = new(catalog);
    private readonly PodReader _podReader = new(catalog);
    private int _number;

    public List<Node> Nodes { get; } = [];

    public List<Pod> Pods { get; } = [];

    public List<PodGroup> PodGroups { get; } = [];

    public List<string> Problems { get; } = [];

    /// <summary>Reads one value: a list or an object. Entered on its first token, left on its last.</summary>
    public void AddDocument(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Problems.Add($"{file}: expected a Kubernetes object, found {reader.TokenType}");
            reader.Skip();
            return;
        }

        var kind = Identify(reader).Kind;
        if (kind.EndsWith("List", StringComparison.Ordinal)) AddItems(ref reader, kind[..^"List".Length]);
        else AddObject(ref reader, "");
    }

    private void AddItems(ref Utf8JsonReader reader, string itemKind)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isItems = reader.ValueTextEquals("items"u8);
            reader.Read();
            if (!isItems || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject) AddObject(ref reader, itemKind);
                else reader.Skip();
            }
        }
    }

    /// <param name="reader">On the object's start; left on its end.</param>
    /// <param name="impliedKind">The kind of an object that does not say it: items of a NodeList do not.</param>
    private void AddObject(ref Utf8JsonReader reader, string impliedKind)
    {
        _number++;
        var (kind, name, apiVersion) = Identify(reader);
        if (kind.Length == 0) kind = impliedKind;
        var where = $"{file}: object {_number.ToString(CultureInfo.InvariantCulture)} ({kind} {name})";
        try
        {
            switch (kind)
            {
                case "Node":
                    var node = _nodeReader.Read(ref reader);
                    Nodes.Add(node);
                    Problems.AddRange(node.Problems.Select(problem => $"{where}: {problem}"));
                    break;
                case "Pod":
                    Pods.Add(_podReader.Read(ref reader));
                    break;
                case "PodGroup" when PodGroupKinds.Of(apiVersion) is { } groups:
                    PodGroups.Add(PodGroupKinds.Read(ref reader, groups));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        catch (FormatException problem)
        {
            Problems.Add($"{where}: {problem.Message}");
        }
    }

    /// <summary>The kind, namespace/name and API version of the object the reader (a copy) is at the start of.</summary>
    private static (string Kind, string Name, string ApiVersion) Identify(Utf8JsonReader reader)
    {
        var kind = "";
        var apiVersion = "";
        var name = "";
        var space = "";
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            var isKind = reader.ValueTextEquals("kind"u8);
            var isVersion = reader.ValueTextEquals("apiVersion"u8);
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isKind && reader.TokenType == JsonTokenType.String) kind = reader.GetString()!;
            if (isVersion && reader.TokenType == JsonTokenType.String) apiVersion = reader.GetString()!;
            if (!isMetadata || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isName = reader.ValueTextEquals("name"u8);
                var isSpace = reader.ValueTextEquals("namespace"u8);
                reader.Read();
                if (isName && reader.TokenType == JsonTokenType.String) name = reader.GetString()!;
                if (isSpace && reader.TokenType == JsonTokenType.String) space = reader.GetString()! + "/";
                reader.Skip();
            }
        }

        return (kind, name.Length > 0 ? space + name : "without a name", apiVersion);
    }
}
