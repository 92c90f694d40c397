using System.Globalization;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>
/// Which objects the sink has been told of, in which version: what turns a list into differences. Costs one entry per object, the strings
/// being those of the object itself.
/// </summary>
internal sealed class KnownObjects
{
    private readonly Dictionary<(string Namespace, string Name), Entry> _entries = [];
    private int _list;

    public int Count => _entries.Count;

    /// <summary>A list begins (anew): nothing has been seen in it yet.</summary>
    public void BeginList() => _list++;

    /// <summary>Notes that the object is in the current list.</summary>
    public void Mark(ObjectMeta meta)
    {
        if (_entries.TryGetValue(KeyOf(meta), out var entry))
        {
            _entries[KeyOf(meta)] = entry with { SeenIn = _list };
        }
    }

    /// <summary>The version last told of the object of this name.</summary>
    public bool TryGet(ObjectMeta named, out ObjectMeta known)
    {
        var found = _entries.TryGetValue(KeyOf(named), out var entry);
        known = entry.Meta;
        return found;
    }

    public void Set(ObjectMeta meta) => _entries[KeyOf(meta)] = new Entry(meta, _list);

    public void Remove(ObjectMeta meta) => _entries.Remove(KeyOf(meta));

    /// <summary>What the current list did not contain.</summary>
    public IReadOnlyList<ObjectMeta> Unmarked() => [.. _entries.Values.Where(e => e.SeenIn != _list).Select(e => e.Meta)];

    /// <summary>
    /// Whether a watch event of version <paramref name="candidate"/> lies at or before <paramref name="position"/>. Events of one kind come in
    /// the order of their versions, which are numbers (KEP-5504 promises so since 1.35; with etcd they always were). Versions that are no
    /// numbers are never called stale: better to repeat than to lose.
    /// </summary>
    public static bool IsStale(string candidate, string position) =>
        ulong.TryParse(candidate, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        && ulong.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
        && a <= b;

    private static (string Namespace, string Name) KeyOf(ObjectMeta meta) => (meta.Namespace, meta.Name);

    private readonly record struct Entry(ObjectMeta Meta, int SeenIn);
}
