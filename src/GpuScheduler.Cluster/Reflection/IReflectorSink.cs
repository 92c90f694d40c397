using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>
/// Takes over what a <see cref="Reflector{T}"/> learns. Called by one thread at a time, in the order in which things happened; a task that
/// does not complete holds the reflector back, which is how a full queue slows the watch down instead of losing an event.
/// </summary>
/// <remarks>
/// Every call is a real change: repetitions, stale events and unchanged objects of a relist are dropped before they get here. What the sink
/// throws ends <see cref="Reflector{T}.RunAsync"/>.
/// </remarks>
/// <typeparam name="T">What is kept of an object.</typeparam>
public interface IReflectorSink<in T>
{
    /// <summary>
    /// The object exists in this version. An object that took the place of another one of the same name comes after the
    /// <see cref="DeleteAsync"/> of the first.
    /// </summary>
    ValueTask UpsertAsync(T value, ObjectMeta meta, CancellationToken cancellationToken);

    /// <summary>The object that was last told in this version (name, UID) is gone, or out of the selector's view.</summary>
    ValueTask DeleteAsync(ObjectMeta meta, CancellationToken cancellationToken);

    /// <summary>A whole list has been told, deletions included: what was told so far is the state at this version. Once per list.</summary>
    ValueTask SyncedAsync(string resourceVersion, CancellationToken cancellationToken);
}
