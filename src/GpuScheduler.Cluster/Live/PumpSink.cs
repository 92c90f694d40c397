using GpuScheduler.Cluster.Pump;
using GpuScheduler.Cluster.Reflection;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Live;

/// <summary>Hands what a reflector learns to the pump; a full pump holds the reflector back.</summary>
internal sealed class PumpSink<T>(ClusterPump pump, Func<T, ClusterChange> upserted, Func<ObjectMeta, ClusterChange> deleted) : IReflectorSink<T>
{
    private volatile bool _isSynced;

    /// <summary>A whole list is in the published snapshot.</summary>
    public bool IsSynced => _isSynced;

    public ValueTask UpsertAsync(T value, ObjectMeta meta, CancellationToken cancellationToken) => pump.PostAsync(upserted(value), cancellationToken);

    public ValueTask DeleteAsync(ObjectMeta meta, CancellationToken cancellationToken) => pump.PostAsync(deleted(meta), cancellationToken);

    public async ValueTask SyncedAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        await pump.FlushAsync(cancellationToken).ConfigureAwait(false);
        _isSynced = true;
    }
}
