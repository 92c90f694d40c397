using System.Diagnostics.CodeAnalysis;

namespace GpuScheduler.Kubernetes;

/// <summary>What to watch, and how.</summary>
public sealed record WatchOptions
{
    /// <summary>Namespace; null for all namespaces and for cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>Field selector, such as <c>status.phase!=Succeeded</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Where to start: events after this version. Null or empty: the newest state, sent as ADDED first.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Ask for BOOKMARK events, which move the resourceVersion on while nothing else happens (about one a minute).</summary>
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>
    /// Watch-list: ask for the whole state as ADDED events, closed by a bookmark with <see cref="WatchEvent{T}.IsInitialEventsEnd"/>.
    /// A server that does not know it answers an error with <see cref="ApiStatus.IsInvalid"/> (list then, as client-go does).
    /// </summary>
    public bool SendInitialEvents { get; init; }

    /// <summary>How long the server should keep the watch open; null for the server's default (30 to 60 minutes).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Told of every object its reader refused; the watch goes on without it. A report without a name means that nobody knows which object
    /// was missed: only a new list tells.
    /// </summary>
    public Action<BadObject>? OnBadObject { get; init; }
}

/// <summary>Kind of a watch event.</summary>
public enum WatchEventType
{
    /// <summary>The object came into existence, or into the selector's view.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone, or out of the selector's view; the event carries its last state.</summary>
    Deleted,

    /// <summary>Nothing happened up to this resourceVersion.</summary>
    Bookmark,

    /// <summary>The watch failed and this is its last event: an HTTP refusal, an ERROR event of the server, or a lost connection.</summary>
    Error,
}

/// <summary>
/// One event of a watch. The enumeration ends after an <see cref="WatchEventType.Error"/>, or plainly when the server closes.
/// </summary>
/// <typeparam name="T">What the caller keeps of an object.</typeparam>
public readonly record struct WatchEvent<T>
{
    internal WatchEvent(WatchEventType type, T? value, ObjectMeta meta, ApiStatus status, bool end)
    {
        Type = type;
        Object = value;
        Meta = meta;
        Status = status;
        IsInitialEventsEnd = end;
    }

    /// <summary>Kind of event.</summary>
    public WatchEventType Type { get; }

    /// <summary>The object; default for bookmarks and errors.</summary>
    public T? Object { get; }

    /// <summary>Identity of the object; for a bookmark only the resourceVersion is set.</summary>
    public ObjectMeta Meta { get; }

    /// <summary>Why the watch failed; <see cref="ApiStatus.Ok"/> unless this is an error.</summary>
    public ApiStatus Status { get; }

    /// <summary>Whether this bookmark closes the initial events of a watch-list (annotation <c>k8s.io/initial-events-end</c>).</summary>
    public bool IsInitialEventsEnd { get; }

    /// <summary>Whether the event carries an object.</summary>
    [MemberNotNullWhen(true, nameof(Object))]
    public bool HasObject => Type <= WatchEventType.Deleted;
}

/// <summary>Makes <see cref="WatchEvent{T}"/>s.</summary>
public static class WatchEvent
{
    /// <summary>An event about an object.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is a bookmark or an error.</exception>
    public static WatchEvent<T> Of<T>(WatchEventType type, T value, ObjectMeta meta) =>
        type <= WatchEventType.Deleted
            ? new(type, value, meta, ApiStatus.Ok, end: false)
            : throw new ArgumentOutOfRangeException(nameof(type), type, "only events about objects carry one");

    /// <summary>A bookmark.</summary>
    public static WatchEvent<T> Bookmark<T>(string resourceVersion, bool isInitialEventsEnd)
    {
        var meta = ObjectMeta.Empty with { ResourceVersion = resourceVersion };
        return new(WatchEventType.Bookmark, default, meta, ApiStatus.Ok, isInitialEventsEnd);
    }

    /// <summary>The last event of a failed watch.</summary>
    public static WatchEvent<T> Failed<T>(ApiStatus status) => new(WatchEventType.Error, default, ObjectMeta.Empty, status, end: false);
}
