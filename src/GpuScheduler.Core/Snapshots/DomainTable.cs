using System.Collections.Immutable;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The topology domains: a domain is its label's value within the domain around it, so that racks of the same name in two zones are two. Id
/// <see cref="Cluster"/> is the cluster as a whole, around all others. Immutable and append-only, so an id keeps its meaning in every later table.
/// </summary>
public sealed class DomainTable
{
    /// <summary>The domain around all others. In a page's columns the same number says that a node lacks the label.</summary>
    public const int Cluster = 0;

    private readonly ImmutableArray<Entry> _domains;
    private readonly ImmutableDictionary<Entry, int> _ids;

    private DomainTable(ImmutableArray<Entry> domains, ImmutableDictionary<Entry, int> ids) => (_domains, _ids) = (domains, ids);

    /// <summary>The cluster alone.</summary>
    public static DomainTable Empty { get; } = new([new Entry(Cluster, -1, "")], ImmutableDictionary<Entry, int>.Empty);

    /// <summary>How many ids there are, <see cref="Cluster"/> included.</summary>
    public int Count => _domains.Length;

    /// <summary>The index of a domain's level in <see cref="TopologyLevels.Keys"/>; -1 for the cluster.</summary>
    public int LevelOf(int id) => _domains[id].Level;

    /// <summary>The label's value; empty for the cluster.</summary>
    public string ValueOf(int id) => _domains[id].Value;

    /// <summary>The nearest domain around it.</summary>
    public int AroundOf(int id) => _domains[id].Around;

    /// <summary>This table with a domain in it, and its id.</summary>
    /// <param name="around">The nearest domain around it.</param>
    /// <param name="level">The index of its level.</param>
    /// <param name="value">The label's value.</param>
    public (DomainTable Table, int Id) With(int around, int level, string value)
    {
        var entry = new Entry(around, level, value);
        return _ids.TryGetValue(entry, out var id) ? (this, id) : (new DomainTable(_domains.Add(entry), _ids.Add(entry, _domains.Length)), _domains.Length);
    }

    private readonly record struct Entry(int Around, int Level, string Value);
}
