using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Sources;

/// <summary>A live API server: nodes and pods are watched, binds go through it, replicas agree on a leader.</summary>
internal sealed class KubernetesSource : IClusterSource
{
    private readonly LiveCluster _cluster;

    private KubernetesSource(string description, LiveCluster cluster) => (Description, _cluster) = (description, cluster);

    public string Description { get; }

    public IPodBinder Binder => _cluster.Binder;

    public bool IsReady => _cluster.IsReady;

    public IReadOnlyList<string> NotReadyReasons => _cluster.NotReadyReasons;

    /// <exception cref="ClusterSourceException">There is no usable configuration of the connection.</exception>
    public static KubernetesSource Create(GpuSchedulerOptions options, IServiceProvider services)
    {
        try
        {
            var kubernetes = options.Kubernetes;
            var connection = ClusterConnections.Load(kubernetes.Kubeconfig, NullIfEmpty(kubernetes.Context), HostEnvironment.Current, TimeProvider.System);
            var api = new HttpKubernetesApi(connection, new KubernetesApiOptions
            {
                UserAgent = $"gpu-scheduler/{Http.BuildInfo.Current.Version}",
                RequestTimeout = kubernetes.RequestTimeout,
                WatchIdleTimeout = kubernetes.WatchIdleTimeout,
                WritesPerSecond = kubernetes.WritesPerSecond,
                WriteBurst = kubernetes.WriteBurst,
            });
            var live = new LiveClusterOptions { LeaderElection = ElectionOf(options.LeaderElection, connection) };
            var observer = ActivatorUtilities.CreateInstance<BindLog>(services);
            var cluster = ActivatorUtilities.CreateInstance<LiveCluster>(services, api, live, observer);
            return new KubernetesSource($"cluster at {connection.Server}", cluster);
        }
        catch (Exception problem) when (problem is ClusterConfigException or ArgumentException)
        {
            throw new ClusterSourceException($"cannot use the Kubernetes cluster: {problem.Message}. Use --cluster embedded to try the service without one.");
        }
    }

    public async Task RunAsync(Action synced, CancellationToken stopping)
    {
        // A follower, too, is up: it says by /readyz that it does not lead.
        synced();
        await _cluster.RunAsync(stopping);
    }

    public Task<IReadOnlyList<string>> CompareAsync(SnapshotStore store, CancellationToken cancellationToken) => _cluster.CompareAsync(store, cancellationToken);

    private static LeaderElectionOptions? ElectionOf(LeaderElectionSection section, ClusterConnection connection) => !section.Enabled ? null : new LeaderElectionOptions
    {
        LeaseName = section.LeaseName,
        LeaseNamespace = section.LeaseNamespace.Length > 0 ? section.LeaseNamespace : connection.Namespace,
        Identity = $"{Environment.MachineName}_{Guid.NewGuid():N}",
        LeaseDuration = section.LeaseDuration,
        RenewDeadline = section.RenewDeadline,
        RetryPeriod = section.RetryPeriod,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
