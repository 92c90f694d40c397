using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// One kubeconfig file: its clusters, users and contexts by name, each still in place so that errors can say where. Nothing of an entry is
/// looked at before it is used, so a broken entry nobody uses does no harm.
/// </summary>
internal sealed class KubeconfigFile
{
    private KubeconfigFile(string path, YamlFields root)
    {
        Path = path;
        CurrentContext = root.Text("current-context");
        Clusters = Named(root, "clusters", "cluster");
        Users = Named(root, "users", "user");
        Contexts = Named(root, "contexts", "context");
    }

    public string Path { get; }

    public string? CurrentContext { get; }

    public IReadOnlyDictionary<string, YamlFields> Clusters { get; }

    public IReadOnlyDictionary<string, YamlFields> Users { get; }

    public IReadOnlyDictionary<string, YamlFields> Contexts { get; }

    /// <exception cref="ClusterConfigException">Unreadable, no YAML, or not shaped like a kubeconfig.</exception>
    public static KubeconfigFile Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterConfigException(path, "", e.Message, e);
        }

        return Parse(text, path);
    }

    /// <exception cref="ClusterConfigException">No YAML, or not shaped like a kubeconfig.</exception>
    public static KubeconfigFile Parse(string text, string path)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            // the message of the exception itself may quote the text, and with it a secret
            throw new ClusterConfigException(path, "", $"no valid YAML at line {e.Start.Line}, column {e.Start.Column}");
        }

        var root = stream.Documents.Count == 0 ? new YamlMappingNode() : stream.Documents[0].RootNode;
        return root is YamlMappingNode mapping
            ? new KubeconfigFile(path, new YamlFields(mapping, path, ""))
            : throw new ClusterConfigException(path, "", "expected a mapping");
    }

    private static Dictionary<string, YamlFields> Named(YamlFields root, string list, string inner)
    {
        var found = new Dictionary<string, YamlFields>(StringComparer.Ordinal);
        foreach (var entry in root.Mappings(list))
        {
            var name = entry.Text("name") ?? throw entry.Bad("name", "missing");
            var value = entry.Mapping(inner) ?? new YamlFields([], entry.File, entry.PathOf(inner));
            if (!found.TryAdd(name, value))
            {
                throw entry.Bad("name", $"'{name}' occurs twice in this file");
            }
        }

        return found;
    }
}
