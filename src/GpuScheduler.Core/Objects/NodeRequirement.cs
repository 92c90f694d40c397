using System.Globalization;

namespace GpuScheduler.Core.Objects;

/// <summary>One requirement of a node selector term. An operator we do not know holds for no node.</summary>
/// <param name="key">A label, or with <paramref name="isField"/> a field; the API server accepts only <c>metadata.name</c>.</param>
/// <param name="operator"><c>In</c>, <c>NotIn</c>, <c>Exists</c>, <c>DoesNotExist</c>, <c>Gt</c> or <c>Lt</c>.</param>
/// <param name="values">What it is compared with.</param>
/// <param name="isField">From <c>matchFields</c>.</param>
public sealed class NodeRequirement(string key, string @operator, IEnumerable<string> values, bool isField) : IEquatable<NodeRequirement>
{
    private readonly string[] _values = [.. values];

    /// <summary>A label, or a field.</summary>
    public string Key => key;

    /// <summary>How it is compared.</summary>
    public string Operator => @operator;

    /// <summary>What it is compared with.</summary>
    public ReadOnlySpan<string> Values => _values;

    /// <summary>It is of a field.</summary>
    public bool IsField => isField;

    private string Text => $"{key} {@operator} ({string.Join(", ", _values)}){(isField ? " as field" : "")}";

    /// <summary>Whether it holds for a node.</summary>
    public bool Accepts(Node node)
    {
        var has = isField ? (key == "metadata.name" ? node.Name : null) : node.Labels.GetValueOrDefault(key);
        return @operator switch
        {
            "In" => has is not null && _values.Contains(has),
            "NotIn" => has is null || !_values.Contains(has),
            "Exists" => has is not null,
            "DoesNotExist" => has is null,
            "Gt" => TryNumbers(has, out var left, out var right) && left > right,
            "Lt" => TryNumbers(has, out var left, out var right) && left < right,
            _ => false,
        };
    }

    /// <inheritdoc/>
    public bool Equals(NodeRequirement? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeRequirement);

    /// <inheritdoc/>
    public override int GetHashCode() => key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private bool TryNumbers(string? has, out long left, out long right)
    {
        right = 0;
        return long.TryParse(has, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out left) && _values.Length == 1
            && long.TryParse(_values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out right);
    }
}
