using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuScheduler.Testing;

/// <summary>
/// The objects of every kind, their history and the watches on them. Callers hold <see cref="Sync"/>: a change and its events are one
/// step, as in etcd. A collection is named by its path, such as <c>apis/coordination.k8s.io/v1/leases</c>.
/// </summary>
internal sealed class ObjectStore
{
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> _collections = new(StringComparer.Ordinal);
    private readonly List<StoredChange> _history = [];

    public Lock Sync { get; } = new();

    public List<OpenWatch> Watches { get; } = [];

    /// <summary>Version of the newest change; begins above one so that versions of other things are not confused with it.</summary>
    public long ResourceVersion { get; private set; } = 1000;

    /// <summary>Versions below this are forgotten.</summary>
    public long CompactedBelow { get; private set; }

    public static StoredObject WithVersion(StoredObject stored, long version)
    {
        var json = stored.ToJson();
        json["metadata"]!["resourceVersion"] = Text(version);
        return stored with { ResourceVersion = version, Json = Bytes(json) };
    }

    public static string KeyOf(string ns, string name) => $"{ns}/{name}";

    public static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    public static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    public IEnumerable<StoredObject> All(string collection) => Of(collection).Values;

    public StoredObject? Find(string collection, string ns, string name) => Of(collection).GetValueOrDefault(KeyOf(ns, name));

    /// <summary>Stores a new version, numbered and with a UID.</summary>
    public StoredObject Put(string collection, JsonObject json)
    {
        if (json["metadata"] is not JsonObject metadata)
        {
            json["metadata"] = metadata = [];
        }

        var ns = (string?)metadata["namespace"] ?? "";
        var name = (string?)metadata["name"] ?? throw new ArgumentException("an object needs a name", nameof(json));
        var key = KeyOf(ns, name);
        var before = Of(collection).GetValueOrDefault(key);
        ResourceVersion++;
        metadata["resourceVersion"] = Text(ResourceVersion);
        metadata["uid"] ??= before?.Uid ?? Guid.NewGuid().ToString();
        metadata["creationTimestamp"] ??= "2026-01-01T00:00:00Z";
        var after = new StoredObject(key, ns, name, (string)metadata["uid"]!, ResourceVersion, Bytes(json));
        Of(collection)[key] = after;
        Publish(new StoredChange(ResourceVersion, collection, before, after));
        return after;
    }

    public StoredObject? Remove(string collection, string ns, string name)
    {
        if (!Of(collection).Remove(KeyOf(ns, name), out var before))
        {
            return null;
        }

        ResourceVersion++;
        Publish(new StoredChange(ResourceVersion, collection, before, After: null));
        return before;
    }

    public IEnumerable<StoredChange> Since(string collection, long version) =>
        _history.Where(c => c.ResourceVersion > version && c.Collection == collection);

    /// <summary>Forgets all changes up to now.</summary>
    public void Compact()
    {
        _history.Clear();
        CompactedBelow = ++ResourceVersion;
    }

    private SortedDictionary<string, StoredObject> Of(string collection)
    {
        if (!_collections.TryGetValue(collection, out var found))
        {
            _collections[collection] = found = new SortedDictionary<string, StoredObject>(StringComparer.Ordinal);
        }

        return found;
    }

    private void Publish(StoredChange change)
    {
        _history.Add(change);
        foreach (var watch in Watches)
        {
            if (watch.Collection == change.Collection)
            {
                watch.Send(change);
            }
        }
    }
}
