using System.Globalization;
using GpuScheduler.Core.Mig;
using GpuScheduler.Server.Sources;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Options;

/// <summary>
/// Reads a file of MIG geometries (<c>resources.migGeometries</c>), in YAML or JSON: GPUs that are not built in, or whose built-in tables are
/// wrong. The form is described in <c>Core/Mig/README.md</c>.
/// </summary>
internal sealed class MigGeometryFile
{
    private readonly string _path;
    private readonly List<OptionProblem> _problems = [];
    private readonly Dictionary<string, YamlNode> _places = [];

    private MigGeometryFile(string path) => _path = path;

    /// <summary>
    /// The built-in geometries with those of the file over them, and everything that is wrong with the file, by line and field. An empty path
    /// leaves it to the built-in ones.
    /// </summary>
    public static (MigCatalog Catalog, IReadOnlyList<OptionProblem> Problems) Read(string path)
    {
        if (path.Length == 0) return (MigCatalog.Default, []);
        var file = new MigGeometryFile(path);
        var entries = new List<MigGeometryEntry>();
        try
        {
            var yaml = PlainYaml.Load(File.ReadAllText(path));
            if (yaml.Documents.Count == 1) file.ReadRoot(yaml.Documents[0].RootNode, entries);
            else file._problems.Add(new OptionProblem(path, "holds no document, or several; write one with the field geometries"));
        }
        catch (YamlException problem)
        {
            file._problems.Add(new OptionProblem(file.At(problem.Start), $"not valid YAML: {problem.Message}"));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            file._problems.Add(new OptionProblem(path, $"cannot be read: {problem.Message}"));
        }

        var (catalog, wrong) = MigCatalog.Read(entries);
        foreach (var problem in wrong) file._problems.Add(new OptionProblem(file.PlaceOf(problem.Entry), $"MIG geometry {problem.Entry}: {problem.Message}"));
        return (catalog, file._problems);
    }

    private void ReadRoot(YamlNode root, List<MigGeometryEntry> entries)
    {
        var fields = Fields(root, "the document", "geometries");
        var position = 0;
        foreach (var geometry in Items(fields, "geometries", "geometries"))
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"geometries[{position++}]");
            var parts = Fields(geometry, field, "name", "models", "memoryGb", "profiles");
            var name = Text(parts, "name", field);
            var label = string.IsNullOrWhiteSpace(name) ? string.Create(CultureInfo.InvariantCulture, $"#{position}") : $"'{name}'";
            _places.TryAdd(label, geometry);
            var profiles = new List<MigProfileEntry>();
            var at = 0;
            foreach (var profile in Items(parts, "profiles", field))
            {
                var entry = ReadProfile(profile, string.Create(CultureInfo.InvariantCulture, $"{field}.profiles[{at++}]"));
                _places.TryAdd($"{label}, profile '{entry.Name}'", profile);
                profiles.Add(entry);
            }

            string[] models = [.. Items(parts, "models", field).Select(model => Scalar(model, $"{field}.models"))];
            entries.Add(new MigGeometryEntry(name, models, Number(parts, "memoryGb", field, 0), profiles));
        }
    }

    private MigProfileEntry ReadProfile(YamlNode profile, string field)
    {
        var parts = Fields(profile, field, "name", "starts", "size", "maxCount", "aliases");
        int[] starts = [.. Items(parts, "starts", field).Select(start => Number(start, $"{field}.starts"))];
        return new MigProfileEntry(Text(parts, "name", field), starts, Number(parts, "size", field, 0), Number(parts, "maxCount", field, 0))
        {
            Aliases = [.. Items(parts, "aliases", field).Select(alias => Scalar(alias, $"{field}.aliases"))],
        };
    }

    private Dictionary<string, YamlNode> Fields(YamlNode node, string field, params string[] known)
    {
        var fields = new Dictionary<string, YamlNode>();
        if (node is not YamlMappingNode map)
        {
            Report(node, field, $"is not a map; give it the fields {string.Join(", ", known)}");
            return fields;
        }

        foreach (var (key, value) in map.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (known.Contains(name)) fields[name] = value;
            else Report(key, $"{field}.{name}", $"is not known; there are {string.Join(", ", known)}");
        }

        return fields;
    }

    private IEnumerable<YamlNode> Items(Dictionary<string, YamlNode> fields, string name, string field)
    {
        if (!fields.TryGetValue(name, out var node)) return [];
        if (node is YamlSequenceNode list) return list.Children;
        Report(node, $"{field}.{name}", "is not a list; write [a, b] or one item per line behind a dash");
        return [];
    }

    private string Text(Dictionary<string, YamlNode> fields, string name, string field) =>
        fields.TryGetValue(name, out var node) ? Scalar(node, $"{field}.{name}") : "";

    private string Scalar(YamlNode node, string field)
    {
        if (node is YamlScalarNode { Value: { } text }) return text;
        Report(node, field, "is not a text");
        return "";
    }

    private int Number(Dictionary<string, YamlNode> fields, string name, string field, int absent) =>
        fields.TryGetValue(name, out var node) ? Number(node, $"{field}.{name}") : absent;

    private int Number(YamlNode node, string field)
    {
        var text = Scalar(node, field);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        if (node is YamlScalarNode) Report(node, field, $"'{text}' is not a whole number; write digits only");
        return 0;
    }

    private string PlaceOf(string entry) => _places.TryGetValue(entry, out var node) ? At(node.Start) : _path;

    private string At(Mark mark) => string.Create(CultureInfo.InvariantCulture, $"{_path}:{mark.Line}:{mark.Column}");

    private void Report(YamlNode node, string field, string message) => _problems.Add(new OptionProblem(At(node.Start), $"{field} {message}"));
}
