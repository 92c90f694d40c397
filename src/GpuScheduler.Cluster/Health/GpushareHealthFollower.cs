using GpuScheduler.Cluster.Pump;
using GpuScheduler.Cluster.Reflection;
using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Health;

/// <summary>
/// Follows the ConfigMaps in which gpushare keeps the GPUs that are broken. Until they have been listed, and where reading them is forbidden,
/// every GPU counts as if these ConfigMaps did not exist.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="pump">The single writer.</param>
/// <param name="time">Paces the reflector.</param>
/// <param name="logs">Where it tells what goes wrong.</param>
public sealed class GpushareHealthFollower(IKubernetesApi api, ClusterPump pump, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>Where gpushare keeps them.</summary>
    public const string Namespace = "kube-system";

    /// <summary>ConfigMaps, core/v1.</summary>
    public static ResourceType ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap", IsNamespaced: true);

    /// <summary>Follows them until cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task RunAsync(CancellationToken stopping) => new Reflector<GpushareHealth>(
        api, new GpushareHealth.Reader(), new Sink(pump), new ReflectorOptions(ConfigMaps) { Namespace = Namespace }, time, new Random(),
        logs.CreateLogger<Reflector<GpushareHealth>>()).RunAsync(stopping);

    private sealed class Sink(ClusterPump pump) : IReflectorSink<GpushareHealth>
    {
        public ValueTask UpsertAsync(GpushareHealth value, ObjectMeta meta, CancellationToken cancellationToken) =>
            GpushareHealth.NodeOf(meta) is { } node ? pump.PostAsync(ClusterChange.DevicesReported(node, value.Devices), cancellationToken) : default;

        public ValueTask DeleteAsync(ObjectMeta meta, CancellationToken cancellationToken) =>
            GpushareHealth.NodeOf(meta) is { } node ? pump.PostAsync(ClusterChange.DevicesReported(node, ""), cancellationToken) : default;

        public ValueTask SyncedAsync(string resourceVersion, CancellationToken cancellationToken) => default;
    }
}
