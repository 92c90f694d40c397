using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Deploy;

/// <summary>The manifests in <c>deploy/base</c>, as YAML trees.</summary>
internal static class Manifests
{
    public static string Folder { get; } = Repository.Path("deploy", "base");

    /// <summary>Every object that the top kustomization brings in, found the way kustomize does: by following <c>resources</c>.</summary>
    public static IReadOnlyList<YamlMappingNode> Objects { get; } = [.. Collect(Folder)];

    public static YamlMappingNode Find(string kind, string name) =>
        Assert.Single(Objects, o => o.Text("kind") == kind && o.Text("metadata", "name") == name);

    public static IReadOnlyList<YamlMappingNode> Read(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(path);
        stream.Load(reader);
        return [.. stream.Documents.Select(d => (YamlMappingNode)d.RootNode)];
    }

    public static YamlNode? At(this YamlNode node, params string[] path)
    {
        YamlNode? at = node;
        foreach (var step in path)
        {
            at = at switch
            {
                YamlMappingNode map => map.Children.TryGetValue(new YamlScalarNode(step), out var child) ? child : null,
                YamlSequenceNode list => list.Children[int.Parse(step)],
                _ => null,
            };
        }

        return at;
    }

    public static string? Text(this YamlNode node, params string[] path) => (node.At(path) as YamlScalarNode)?.Value;

    public static IReadOnlyList<YamlNode> List(this YamlNode node, params string[] path) =>
        node.At(path) is YamlSequenceNode list ? [.. list.Children] : [];

    public static IReadOnlyList<string> Texts(this YamlNode node, params string[] path) =>
        [.. node.List(path).Select(n => ((YamlScalarNode)n).Value!)];

    public static IReadOnlyDictionary<string, string> Map(this YamlNode node, params string[] path) =>
        node.At(path) is YamlMappingNode map
            ? map.Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value!, c => ((YamlScalarNode)c.Value).Value!, StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);

    private static IEnumerable<YamlMappingNode> Collect(string folder) =>
        Assert.Single(Read(Path.Combine(folder, "kustomization.yaml"))).Texts("resources").SelectMany(resource =>
        {
            var path = Path.Combine(folder, resource);
            return Directory.Exists(path) ? Collect(path) : Read(path);
        });
}
