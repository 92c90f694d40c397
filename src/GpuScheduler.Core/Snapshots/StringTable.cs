using System.Collections.Immutable;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// Small numbers for names that repeat over many rows (GPU models, topology domains). Id 0 is the empty name: "none". Immutable and
/// append-only, so an id keeps its meaning in every later table.
/// </summary>
public sealed class StringTable
{
    private readonly ImmutableArray<string> _names;
    private readonly ImmutableDictionary<string, int> _ids;

    private StringTable(ImmutableArray<string> names, ImmutableDictionary<string, int> ids) => (_names, _ids) = (names, ids);

    /// <summary>Holds only the empty name.</summary>
    public static StringTable Empty { get; } = new([""], ImmutableDictionary<string, int>.Empty.Add("", 0));

    /// <summary>How many ids there are, 0 included.</summary>
    public int Count => _names.Length;

    /// <summary>The name of an id.</summary>
    public string this[int id] => _names[id];

    /// <summary>The id of a name; -1 when it has none.</summary>
    public int IdOf(string name) => _ids.TryGetValue(name, out var id) ? id : -1;

    /// <summary>This table with <paramref name="name"/> in it, and its id.</summary>
    public (StringTable Table, int Id) With(string name) =>
        _ids.TryGetValue(name, out var id) ? (this, id) : (new StringTable(_names.Add(name), _ids.Add(name, _names.Length)), _names.Length);
}
