using System.Text.Json.Nodes;

namespace GpuScheduler.Testing;

/// <summary>Field and label selectors, as far as <c>=</c>, <c>==</c>, <c>!=</c> and bare label names go.</summary>
internal sealed class Selector
{
    private readonly List<(string Path, bool IsLabel, bool Negated, string? Value)> _terms = [];

    public Selector(string? fields, string? labels)
    {
        Parse(fields, isLabel: false);
        Parse(labels, isLabel: true);
    }

    public bool Matches(StoredObject? stored)
    {
        if (stored is null)
        {
            return false;
        }

        if (_terms.Count == 0)
        {
            return true;
        }

        var json = stored.ToJson();
        return _terms.TrueForAll(term =>
        {
            var actual = term.IsLabel ? (string?)json["metadata"]?["labels"]?[term.Path] : Field(json, term.Path);
            return term.Value is null ? actual is not null != term.Negated : (actual ?? "") == term.Value != term.Negated;
        });
    }

    private static string? Field(JsonNode json, string path)
    {
        JsonNode? at = json;
        foreach (var step in path.Split('.'))
        {
            at = (at as JsonObject)?[step];
        }

        return at?.ToString();
    }

    private void Parse(string? text, bool isLabel)
    {
        foreach (var term in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var negated = term.Contains("!=", StringComparison.Ordinal);
            var parts = term.Split(negated ? "!=" : term.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
            _terms.Add(parts.Length == 2
                ? (parts[0], isLabel, negated, parts[1])
                : (term.TrimStart('!'), isLabel, term.StartsWith('!'), null));
        }
    }
}
