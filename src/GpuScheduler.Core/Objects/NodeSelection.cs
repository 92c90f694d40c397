namespace GpuScheduler.Core.Objects;

/// <summary>
/// Which nodes a pod accepts by name and label: <c>spec.nodeSelector</c> and the required part of <c>spec.affinity.nodeAffinity</c>, with the meaning
/// kube-scheduler gives them (<c>staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go</c>). kube-scheduler
/// itself keeps pods off other nodes; we need it to plan for pods it has not asked about yet. Immutable; equal by content.
/// </summary>
public sealed class NodeSelection : IEquatable<NodeSelection>
{
    private readonly KeyValuePair<string, string>[] _labels;
    private readonly NodeSelectorTerm[]? _terms;

    /// <summary>Builds a selection.</summary>
    /// <param name="labels">Labels a node must have.</param>
    /// <param name="terms">Of these one must hold; null for no such demand.</param>
    public NodeSelection(IEnumerable<KeyValuePair<string, string>> labels, IEnumerable<NodeSelectorTerm>? terms = null)
    {
        _labels = [.. labels.OrderBy(label => label.Key, StringComparer.Ordinal)];
        _terms = terms is null ? null : [.. terms];
    }

    /// <summary>Labels a node must have.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> Labels => _labels;

    /// <summary>Of these one must hold; empty for no such demand.</summary>
    public ReadOnlySpan<NodeSelectorTerm> Terms => _terms;

    /// <summary>Whether the pod accepts a node.</summary>
    public bool Accepts(Node node)
    {
        foreach (var (key, value) in _labels)
        {
            if (!node.Labels.TryGetValue(key, out var has) || has != value) return false;
        }

        return _terms is null || Array.Exists(_terms, term => term.Accepts(node));
    }

    /// <inheritdoc/>
    public bool Equals(NodeSelection? other) => other is not null && _labels.AsSpan().SequenceEqual(other._labels)
        && (_terms is null) == (other._terms is null) && _terms.AsSpan().SequenceEqual(other._terms);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeSelection);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var label in _labels) hash.Add(label);
        hash.Add(_terms?.Length ?? -1);
        return hash.ToHashCode();
    }

    /// <summary>For people: <c>disk=ssd zone in (a, b)</c>.</summary>
    public override string ToString() =>
        string.Join(' ', [.. _labels.Select(label => $"{label.Key}={label.Value}"), .. _terms is null ? [] : new[] { string.Join(" or ", (object[])_terms) }]);
}

/// <summary>Requirements of which all must hold; a term without any holds for no node.</summary>
public sealed class NodeSelectorTerm(IEnumerable<NodeRequirement> requirements) : IEquatable<NodeSelectorTerm>
{
    private readonly NodeRequirement[] _requirements = [.. requirements];

    /// <summary>All of them.</summary>
    public ReadOnlySpan<NodeRequirement> Requirements => _requirements;

    /// <summary>Whether the term holds for a node.</summary>
    public bool Accepts(Node node) => _requirements.Length > 0 && Array.TrueForAll(_requirements, requirement => requirement.Accepts(node));

    /// <inheritdoc/>
    public bool Equals(NodeSelectorTerm? other) => other is not null && _requirements.AsSpan().SequenceEqual(other._requirements);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeSelectorTerm);

    /// <inheritdoc/>
    public override int GetHashCode() => _requirements.Length;

    /// <inheritdoc/>
    public override string ToString() => string.Join(" and ", (object[])_requirements);
}
