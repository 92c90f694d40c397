namespace GpuScheduler.Core.Objects;

/// <summary>
/// A pod's choice of GPU models: patterns of which one must match the node's model (<see cref="GpuLabels"/>), case-insensitively,
/// where <c>*</c> stands for any run of characters. Immutable; equal by content.
/// </summary>
public sealed class ModelSelector : IEquatable<ModelSelector>
{
    /// <summary>The pod annotation that holds a selector: patterns separated by <c>|</c> or <c>,</c>.</summary>
    public const string Annotation = "gpu-scheduler.io/gpu-model";

    private readonly string[] _patterns;

    private ModelSelector(string[] patterns) => _patterns = patterns;

    /// <summary>The patterns, sorted, without duplicates.</summary>
    public IReadOnlyList<string> Patterns => _patterns;

    /// <summary>Reads a selector, e.g. <c>NVIDIA-H100*|NVIDIA-A100-SXM4-80GB</c>.</summary>
    /// <exception cref="FormatException">There is no pattern in it.</exception>
    public static ModelSelector Parse(string text)
    {
        var patterns = text.Split(['|', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToArray();
        return patterns.Length > 0 ? new ModelSelector(patterns)
            : throw new FormatException($"'{text}' names no GPU model; write models or patterns separated by '|', e.g. NVIDIA-H100*|NVIDIA-A100-SXM4-80GB");
    }

    /// <summary>Whether the pod accepts <paramref name="model"/>; an unknown model (empty) is never accepted.</summary>
    public bool Accepts(string model) => model.Length > 0 && Array.Exists(_patterns, pattern => Matches(pattern, model));

    /// <inheritdoc/>
    public bool Equals(ModelSelector? other) => other is not null && _patterns.AsSpan().SequenceEqual(other._patterns);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelSelector);

    /// <inheritdoc/>
    public override int GetHashCode() => _patterns.Aggregate(17, (hash, pattern) => HashCode.Combine(hash, pattern));

    /// <inheritdoc/>
    public override string ToString() => string.Join('|', _patterns);

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> model)
    {
        var star = pattern.IndexOf('*');
        if (star < 0) return pattern.Equals(model, StringComparison.OrdinalIgnoreCase);
        if (!model.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase)) return false;
        pattern = pattern[(star + 1)..];
        for (var from = star; from <= model.Length; from++)
        {
            if (Matches(pattern, model[from..])) return true;
        }

        return false;
    }
}
