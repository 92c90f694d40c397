using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>
/// Turns what lists and watches say into what really changed, and hands that to the sink. An object's newest version that cannot be read
/// leaves the older one in force: dropping it would free what it holds.
/// </summary>
internal sealed class ChangeFeed<T>(IReflectorSink<T> sink, IObjectReader<T> reader, ReflectorState state, ReflectorLog log)
{
    private readonly KnownObjects _known = new();
    private readonly List<ObjectMeta> _unreadableDeletes = [];
    private Dictionary<(string Namespace, string Name), string> _unreadable = [];
    private readonly Dictionary<(string Namespace, string Name), string> _unreadableBefore = [];
    private int _unidentified;

    /// <summary>A list begins, or begins anew: what it does not contain in the end is gone.</summary>
    public void BeginList()
    {
        _known.BeginList();
        _unidentified = 0;
        foreach (var (key, version) in _unreadable) _unreadableBefore[key] = version;
        _unreadable = [];
    }

    /// <summary>An object of the list.</summary>
    public ValueTask ListedAsync(T value, CancellationToken cancellationToken)
    {
        var meta = reader.MetaOf(value);
        if (_known.TryGet(meta, out var known) && known.Uid == meta.Uid && known.ResourceVersion == meta.ResourceVersion)
        {
            _known.Mark(meta);
            return ValueTask.CompletedTask;
        }

        return UpsertAsync(value, meta, cancellationToken);
    }

    /// <summary>An object of the list that cannot be read.</summary>
    public void UnreadableInList(BadObject bad)
    {
        if (bad.Meta.Name.Length == 0)
        {
            _unidentified++;
        }
        else if (IsKnown(bad.Meta))
        {
            _known.Mark(bad.Meta);
        }

        Report(bad);
    }

    /// <summary>The list is complete.</summary>
    public async ValueTask EndListAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        var gone = _known.Unmarked();
        if (_unidentified > 0 && gone.Count > 0)
        {
            log.KeptUnlisted(gone.Count, _unidentified);
        }
        else
        {
            foreach (var meta in gone) await DeleteKnownAsync(meta, cancellationToken);
        }

        _unreadableBefore.Clear();
        _unreadableDeletes.Clear();
        await sink.SyncedAsync(resourceVersion, cancellationToken);
        state.Listed(resourceVersion);
    }

    /// <summary>An event of the watch after the list.</summary>
    public async ValueTask WatchedAsync(WatchEvent<T> e, CancellationToken cancellationToken)
    {
        foreach (var meta in _unreadableDeletes) await DeletedAsync(meta, cancellationToken);
        _unreadableDeletes.Clear();
        if (e.Type == WatchEventType.Bookmark)
        {
            if (e.Meta.ResourceVersion.Length > 0 && !KnownObjects.IsStale(e.Meta.ResourceVersion, state.ResourceVersion)) state.MoveTo(e.Meta.ResourceVersion);
            return;
        }

        if (KnownObjects.IsStale(e.Meta.ResourceVersion, state.ResourceVersion))
        {
            state.Stale();
            return;
        }

        if (e.Type == WatchEventType.Deleted) await DeletedAsync(e.Meta, cancellationToken);
        else if (e.HasObject) await UpsertAsync(e.Object, e.Meta, cancellationToken);
        if (e.Meta.ResourceVersion.Length > 0) state.MoveTo(e.Meta.ResourceVersion);
    }

    /// <summary>An object is gone; nothing happens when it was never told, or another one has its name by now.</summary>
    public ValueTask DeletedAsync(ObjectMeta meta, CancellationToken cancellationToken)
    {
        _unreadable.Remove((meta.Namespace, meta.Name));
        return IsKnown(meta) ? DeleteKnownAsync(meta, cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>
    /// An event of the watch whose object cannot be read. The position stays where it is, for the version of a broken object is not to be trusted.
    /// </summary>
    public void UnreadableInWatch(BadObject bad)
    {
        state.SignOfLife();
        // handed over with the next event or bookmark, about a minute at most: nothing can be awaited here
        if (bad.Event == WatchEventType.Deleted && bad.Meta.Name.Length > 0) _unreadableDeletes.Add(bad.Meta);
        else Report(bad);
    }

    private async ValueTask UpsertAsync(T value, ObjectMeta meta, CancellationToken cancellationToken)
    {
        if (_known.TryGet(meta, out var known) && known.Uid != meta.Uid) await DeleteKnownAsync(known, cancellationToken);
        _unreadable.Remove((meta.Namespace, meta.Name));
        await sink.UpsertAsync(value, meta, cancellationToken);
        _known.Set(meta);
        state.Upserted();
    }

    private async ValueTask DeleteKnownAsync(ObjectMeta meta, CancellationToken cancellationToken)
    {
        await sink.DeleteAsync(meta, cancellationToken);
        _known.Remove(meta);
        state.Deleted();
    }

    /// <summary>Whether this very object, and not another one of its name, has been told.</summary>
    private bool IsKnown(ObjectMeta meta) =>
        _known.TryGet(meta, out var known) && (meta.Uid.Length == 0 || known.Uid.Length == 0 || known.Uid == meta.Uid);

    private void Report(BadObject bad)
    {
        if (bad.Meta.Name.Length > 0)
        {
            var key = (bad.Meta.Namespace, bad.Meta.Name);
            var isRepetition = (_unreadable.TryGetValue(key, out var version) || _unreadableBefore.TryGetValue(key, out version))
                && version == bad.Meta.ResourceVersion;
            _unreadable[key] = bad.Meta.ResourceVersion;
            if (isRepetition) return;
        }

        state.Unreadable();
        log.Unreadable(bad, IsKnown(bad.Meta));
    }
}
