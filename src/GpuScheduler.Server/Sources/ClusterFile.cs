using System.Text.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Server.Sources;

/// <summary>
/// Reads a cluster from what <c>kubectl get nodes,pods -A -o json</c> (or <c>-o yaml</c>) writes, single objects, several documents and
/// lists alike, or from an openb node list (<c>.csv</c>).
/// </summary>
public static class ClusterFile
{
    /// <summary>Larger YAML in flow style nobody writes, while a large JSON file that was cut off would take long to be tried as YAML.</summary>
    private const int MostFlowStyleBytes = 1 << 20;

    private static readonly JsonReaderOptions Json = new() { AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a file. An object that cannot be read is told of and left out.</summary>
    /// <exception cref="ClusterSourceException">The file cannot be read, is neither JSON nor YAML nor such a list, or holds no node and no pod.</exception>
    public static LoadedCluster Read(string path, GpuResourceCatalog catalog)
    {
        try
        {
            if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) return ReadOpenb(path);
            var bytes = File.ReadAllBytes(path);
            return YamlToJson.IsJson(bytes) ? ReadJson(path, bytes, catalog) : Read(path, YamlToJson.Convert(bytes), catalog);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ClusterSourceException($"{path} cannot be loaded: {problem.Message}");
        }
        catch (JsonException problem)
        {
            throw new ClusterSourceException(
                $"{path} is not valid JSON, or cut off: {problem.Message} Write it anew with: kubectl get nodes,pods -A -o json");
        }
    }

    /// <summary>What begins like JSON may still be YAML in its flow style.</summary>
    private static LoadedCluster ReadJson(string path, byte[] bytes, GpuResourceCatalog catalog)
    {
        try
        {
            return Read(path, bytes, catalog);
        }
        catch (JsonException) when (bytes.Length <= MostFlowStyleBytes && YamlToJson.TryConvert(bytes) is { } json)
        {
            return Read(path, json, catalog);
        }
    }

    private static LoadedCluster ReadOpenb(string path)
    {
        using var text = new StreamReader(path);
        var (nodes, problems) = OpenbNodeReader.Read(text);
        return new LoadedCluster(nodes, [], [.. problems.Select(problem => $"{path}: {problem}")]);
    }

    private static LoadedCluster Read(string path, byte[] bytes, GpuResourceCatalog catalog)
    {
        var objects = new ObjectCollector(path, catalog);
        var span = bytes.AsSpan();
        if (span.StartsWith("\uFEFF"u8)) span = span[3..];
        var reader = new Utf8JsonReader(span, Json);
        var isEmpty = span.Trim(" \t\r\n"u8).Length == 0;
        while (!isEmpty && reader.Read()) objects.AddDocument(ref reader);
        return objects.Nodes.Count + objects.Pods.Count + objects.Problems.Count > 0
            ? new LoadedCluster(objects.Nodes, objects.Pods, objects.Problems) { PodGroups = objects.PodGroups }
            : throw new ClusterSourceException($"{path} holds no Node and no Pod; write it with: kubectl get nodes,pods -A -o json");
    }
}
