using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Events;

/// <summary>Writes events in the API group the server serves: <c>events.k8s.io/v1</c>, or <c>core/v1</c> where that one is missing.</summary>
internal sealed class EventWriter(IKubernetesApi api, EventRecorderOptions options, TimeProvider time, Random random)
{
    private readonly RateBucket _bucket = new(Math.Max(1, options.WritesPerSecond), TimeSpan.FromSeconds(1) / options.WritesPerSecond, time);
    private bool _isCore;

    /// <summary>Creates the event; one that exists already is ours, written by an attempt whose answer was lost.</summary>
    public async Task<ApiStatus> CreateAsync(KubernetesEvent value, CancellationToken cancellationToken)
    {
        var status = await WriteAsync(token => Create(value, token), cancellationToken);
        if (status.IsNotFound && !_isCore)
        {
            // the group, or the namespace?
            var server = await api.DiscoverAsync(cancellationToken);
            if (server.TryGet(out var info, out _) && !info.Serves(ResourceType.Events))
            {
                _isCore = true;
                status = await WriteAsync(token => Create(value, token), cancellationToken);
            }
        }

        return status.IsAlreadyExists ? ApiStatus.Ok : status;
    }

    /// <summary>Notes repetitions on an event that was created.</summary>
    public Task<ApiStatus> PatchAsync(ObjectMeta meta, EventSeries series, CancellationToken cancellationToken) =>
        WriteAsync(
            async token => _isCore
                ? (await api.PatchCoreEventCountAsync(meta.Namespace, meta.Name, series, token)).Status
                : (await api.PatchEventSeriesAsync(meta.Namespace, meta.Name, series, token)).Status,
            cancellationToken);

    private async Task<ApiStatus> Create(KubernetesEvent value, CancellationToken cancellationToken) => _isCore
        ? (await api.CreateCoreEventAsync(value, cancellationToken)).Status
        : (await api.CreateEventAsync(value, cancellationToken)).Status;

    private async Task<ApiStatus> WriteAsync(Func<CancellationToken, Task<ApiStatus>> call, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), time, random);
        for (var attempt = 1; ; attempt++)
        {
            while (_bucket.TakeOrWait() is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
            var status = await call(cancellationToken);
            if (attempt >= options.Attempts || !status.IsTransient) return status;
            await backoff.WaitAsync(status.RetryAfter, cancellationToken);
        }
    }
}
