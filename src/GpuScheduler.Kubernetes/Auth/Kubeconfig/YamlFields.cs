using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Kubernetes;

/// <summary>A YAML mapping together with where it stands, so that every complaint names file and field.</summary>
internal sealed class YamlFields(YamlMappingNode node, string file, string path)
{
    public string File => file;

    public string PathOf(string field) => path.Length == 0 ? field : $"{path}.{field}";

    /// <summary>The value of a field; null when it is absent or YAML's null.</summary>
    public YamlNode? Node(string field) =>
        node.Children.TryGetValue(new YamlScalarNode(field), out var value) && !IsNull(value) ? value : null;

    public string? Text(string field) => Node(field) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        _ => throw Bad(field, "expected a string"),
    };

    public bool Flag(string field) => Text(field) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Bad(field, "expected true or false"),
    };

    public YamlFields? Mapping(string field) => Node(field) switch
    {
        null => null,
        YamlMappingNode mapping => new YamlFields(mapping, file, PathOf(field)),
        _ => throw Bad(field, "expected a mapping"),
    };

    public IReadOnlyList<YamlFields> Mappings(string field) => [.. Sequence(field).Select((item, i) =>
        item is YamlMappingNode mapping
            ? new YamlFields(mapping, file, $"{PathOf(field)}[{i}]")
            : throw Bad($"{field}[{i}]", "expected a mapping"))];

    public IReadOnlyList<string> Texts(string field) => [.. Sequence(field).Select((item, i) =>
        item is YamlScalarNode scalar ? scalar.Value ?? "" : throw Bad($"{field}[{i}]", "expected a string"))];

    public byte[]? Base64(string field)
    {
        if (Text(field) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw new ClusterConfigException(file, PathOf(field), "not base64", e);
        }
    }

    public ClusterConfigException Bad(string field, string message) => new(file, PathOf(field), message);

    private static bool IsNull(YamlNode value) =>
        value is YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain };

    private IList<YamlNode> Sequence(string field) => Node(field) switch
    {
        null => [],
        YamlSequenceNode sequence => sequence.Children,
        _ => throw Bad(field, "expected a list"),
    };
}
