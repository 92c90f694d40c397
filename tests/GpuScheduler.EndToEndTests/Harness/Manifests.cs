using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>The manifests as shipped in <c>deploy/</c>.</summary>
internal static class Manifests
{
    private const string Rbac = "rbac.authorization.k8s.io/v1";

    /// <summary>Creates the RBAC objects of the extender exactly as shipped, in the namespace they name.</summary>
    public static async Task ApplyRbacAsync(ControlPlane plane)
    {
        await plane.CreateAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"gpu-scheduler"}}""");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "deploy", "base"), "*.yaml").Order()) await ApplyAsync(plane, file);
    }

    /// <summary>Creates the RBAC objects of a file of <c>deploy/</c>.</summary>
    public static async Task ApplyAsync(ControlPlane plane, string file)
    {
        foreach (var document in Read(Path.Combine(AppContext.BaseDirectory, "deploy", file)).Where(document => (string?)document["apiVersion"] == Rbac))
        {
            await plane.CreateAsync(PathOf(document), document.ToJsonString());
        }
    }

    private static string PathOf(JsonObject document)
    {
        var plural = ((string)document["kind"]!).ToLowerInvariant() + "s";
        return document["metadata"]!["namespace"] is { } ns ? $"/apis/{Rbac}/namespaces/{ns}/{plural}" : $"/apis/{Rbac}/{plural}";
    }

    private static IEnumerable<JsonObject> Read(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(file, Encoding.UTF8)));
        return yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().Select(root => (JsonObject)ToJson(root)!);
    }

    /// <summary>Scalars stay strings: RBAC has no others.</summary>
    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}
