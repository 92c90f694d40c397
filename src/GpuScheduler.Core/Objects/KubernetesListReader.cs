using System.Text.Json;
using GpuScheduler.Core.Objects.Json;
using GpuScheduler.Core.Resources;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// Reads what <c>kubectl get nodes,pods -A -o json</c> writes: a <c>v1 List</c>, a <c>NodeList</c>, a <c>PodList</c>, or a single
/// <c>Node</c> or <c>Pod</c>. Objects of other kinds are passed over. Holds no state between calls.
/// </summary>
public sealed class KubernetesListReader
{
    private readonly NodeReader _nodes;
    private readonly PodReader _pods;

    /// <summary>Builds a reader.</summary>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    public KubernetesListReader(GpuResourceCatalog catalog)
    {
        _nodes = new NodeReader(catalog);
        _pods = new PodReader(catalog);
    }

    /// <summary>Reads the objects; one that is wrong is reported with its index and name while the others are kept.</summary>
    /// <exception cref="FormatException">The text is JSON, but neither a list nor a node nor a pod.</exception>
    /// <exception cref="JsonException">The text is not JSON, or it ends too early.</exception>
    public KubernetesObjects Read(ReadOnlySpan<byte> utf8Json)
    {
        var byteOrderMark = "\uFEFF"u8;
        var reader = new Utf8JsonReader(utf8Json.StartsWith(byteOrderMark) ? utf8Json[byteOrderMark.Length..] : utf8Json);
        Advance(ref reader);
        var (kind, _) = ReadHeader(reader);
        var found = new Found();
        switch (kind)
        {
            case "Node" or "Pod":
                ReadObject(ref reader, kind, 0, found);
                break;
            case "List" or "NodeList" or "PodList":
                ReadItems(ref reader, kind == "List" ? "" : kind[..^"List".Length], found);
                break;
            default:
                var what = kind.Length == 0 ? "no kind" : $"kind '{kind}'";
                throw new FormatException($"expected a List, NodeList, PodList, Node or Pod as kubectl -o json writes it, found {what}");
        }

        // Reads to the end, so that text after the object is an error as well.
        while (reader.Read())
        {
        }

        return new KubernetesObjects(found.Nodes, found.Pods, found.Problems);
    }

    private void ReadItems(ref Utf8JsonReader reader, string kindOfItems, Found found)
    {
        var path = new JsonPath();
        while (NextProperty(ref reader))
        {
            if (!NameIs(ref reader, "items"u8))
            {
                Skip(ref reader);
                continue;
            }

            path.Push("items");
            if (EnterArray(ref reader, path))
            {
                for (var index = 0; NextElement(ref reader); index++) ReadObject(ref reader, kindOfItems, index, found);
            }

            path.Pop();
        }
    }

    private void ReadObject(ref Utf8JsonReader reader, string kindOfItems, int index, Found found)
    {
        var start = reader;
        var (kind, name) = ReadHeader(reader);

        // The items of a NodeList or PodList need not repeat their kind.
        if (kind.Length == 0) kind = kindOfItems;
        try
        {
            if (kind == "Node") found.Nodes.Add(_nodes.Read(ref reader));
            else if (kind == "Pod") found.Pods.Add(_pods.Read(ref reader));
            else if (kind.Length == 0) throw new FormatException("kind: missing; expected Node or Pod");
            else Skip(ref reader);
        }
        catch (FormatException exception)
        {
            found.Problems.Add(new ObjectProblem(index, kind, name, exception.Message));
            reader = start;
            Skip(ref reader);
        }
    }

    private static ObjectHeader ReadHeader(Utf8JsonReader reader)
    {
        try
        {
            return ObjectHeader.Peek(reader);
        }
        catch (InvalidOperationException)
        {
            // A name that is not Unicode text; reading the object itself says so.
            return new ObjectHeader("", "");
        }
    }

    private sealed class Found
    {
        public List<Node> Nodes { get; } = [];

        public List<Pod> Pods { get; } = [];

        public List<ObjectProblem> Problems { get; } = [];
    }
}
