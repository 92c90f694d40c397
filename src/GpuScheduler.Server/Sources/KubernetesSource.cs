using GpuScheduler.Cluster.Events;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Health;
using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Sources;

/// <summary>A live API server: nodes and pods are watched, binds go through it, replicas agree on a leader.</summary>
internal sealed partial class KubernetesSource : IClusterSource
{
    /// <summary>Unique to this process: in a pod the machine's name is the pod's.</summary>
    private static readonly string Identity = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    private readonly IKubernetesApi _api;
    private readonly LiveCluster _cluster;
    private readonly EventRecorder _events;
    private readonly Nominator? _nominator;
    private readonly GangWaker _waker;
    private readonly PodGroupFollower _podGroups;
    private readonly UnhealthyDeviceEvents _unhealthy;
    private readonly GpushareHealthFollower? _gpushareHealth;
    private readonly SchedulerPeer _peer;
    private readonly ILogger _log;

    private KubernetesSource(
        string description, IKubernetesApi api, LiveCluster cluster, EventRecorder events, Nominator? nominator, GangWaker waker,
        PodGroupFollower podGroups, UnhealthyDeviceEvents unhealthy, GpushareHealthFollower? gpushareHealth, SchedulerPeer peer, ILogger log) =>
        (Description, _api, _cluster, _events, _nominator, _waker, _podGroups, _unhealthy, _gpushareHealth, _peer, _log) =
        (description, api, cluster, events, nominator, waker, podGroups, unhealthy, gpushareHealth, peer, log);

    public string Description { get; }

    public IPodBinder Binder => _cluster.Binder;

    public bool IsReady => _cluster.IsReady;

    public IReadOnlyList<string> NotReadyReasons => _cluster.NotReadyReasons;

    public SourceVitals Vitals => new(_cluster.IsLeading, _cluster.Watches, _nominator?.Counters, _events.Counters);

    /// <exception cref="ClusterSourceException">There is no usable configuration of the connection.</exception>
    public static KubernetesSource Create(GpuSchedulerOptions options, IServiceProvider services)
    {
        try
        {
            var kubernetes = options.Kubernetes;
            var connection = ClusterConnections.Load(kubernetes.Kubeconfig, NullIfEmpty(kubernetes.Context), HostEnvironment.Current, TimeProvider.System);
            var habits = new KubernetesApiOptions
            {
                UserAgent = $"gpu-scheduler/{Http.BuildInfo.Current.Version}",
                RequestTimeout = kubernetes.RequestTimeout,
                WatchIdleTimeout = kubernetes.WatchIdleTimeout,
                WritesPerSecond = kubernetes.WritesPerSecond,
                WriteBurst = kubernetes.WriteBurst,
            };
            var api = new HttpKubernetesApi(connection, habits);
            var live = new LiveClusterOptions { LeaderElection = ElectionOf(options.LeaderElection, connection) };
            var events = ActivatorUtilities.CreateInstance<EventRecorder>(services, api, new EventRecorderOptions { ReportingInstance = Identity }, new Random());
            var cluster = ActivatorUtilities.CreateInstance<LiveCluster>(services, api, live, new BindEvents(events), new AnnotationEvents(events));
            return new KubernetesSource(
                $"cluster at {connection.Server}", api, cluster, events,
                options.Nomination.Enabled ? NominatorOf(options.Nomination, connection, habits, cluster, services) : null,
                ActivatorUtilities.CreateInstance<GangWaker>(services, api, cluster),
                ActivatorUtilities.CreateInstance<PodGroupFollower>(services, api),
                ActivatorUtilities.CreateInstance<UnhealthyDeviceEvents>(services, cluster, events),
                options.Health.GpushareConfigMaps ? ActivatorUtilities.CreateInstance<GpushareHealthFollower>(services, api) : null,
                services.GetRequiredService<SchedulerPeer>(),
                services.GetRequiredService<ILogger<KubernetesSource>>());
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
        var server = await LearnVersionAsync(stopping);

        // Events are written until the last bind has ended.
        using var ending = new CancellationTokenSource();
        var events = _events.RunAsync(ending.Token);
        var nominating = NominateAsync(server, ending.Token);
        var waking = _waker.RunAsync(ending.Token);
        await _podGroups.BeginAsync(server, stopping);
        var following = _podGroups.RunAsync(server, ending.Token);
        var warning = _unhealthy.RunAsync(ending.Token);
        var health = _gpushareHealth?.RunAsync(ending.Token) ?? Task.CompletedTask;
        try
        {
            await _cluster.RunAsync(server, stopping);
        }
        finally
        {
            await ending.CancelAsync();
            await nominating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await waking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await warning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await health.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await events;
        }
    }

    public Task<IReadOnlyList<string>> CompareAsync(SnapshotStore store, CancellationToken cancellationToken) => _cluster.CompareAsync(store, cancellationToken);

    private Task NominateAsync(ServerInfo server, CancellationToken stopping)
    {
        if (_nominator is null) return Task.CompletedTask;
        if (Nominator.IsHeededBy(server)) return _nominator.RunAsync(stopping);
        LogNotHeeded(server.GitVersion);
        return Task.CompletedTask;
    }

    /// <summary>A client of its own: binds must not wait behind nominations, nor a plan for a nomination that nobody answers.</summary>
    private static Nominator NominatorOf(
        NominationSection section, ClusterConnection connection, KubernetesApiOptions habits, LiveCluster cluster, IServiceProvider services) =>
        ActivatorUtilities.CreateInstance<Nominator>(
            services,
            new HttpKubernetesApi(connection, habits with { WritesPerSecond = 0, RequestTimeout = TimeSpan.FromSeconds(5) }),
            cluster,
            new NominationOptions { SchedulerNames = section.SchedulerNames, MinWaiting = section.MinWaiting, WritesPerSecond = section.WritesPerSecond },
            (Func<PodShape, IScoringStrategy>)services.GetRequiredService<IScoringPolicy>().StrategyFor);

    /// <summary>kube-scheduler is of the API server's version, or a minor version away; what depends on it must be known before the first answer.</summary>
    private async Task<ServerInfo> LearnVersionAsync(CancellationToken stopping)
    {
        var backoff = Backoff.ForReflector(TimeProvider.System, new Random());
        while (true)
        {
            var found = await _api.DiscoverAsync(stopping);
            if (found.TryGet(out var server, out var status))
            {
                _peer.KnowsUnresolvable = server.Major > 1 || server.Minor >= 21;
                LogVersion(server.GitVersion);
                return server;
            }

            LogUnreachable(status);
            await backoff.WaitAsync(status.RetryAfter, stopping);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The API server is {Version}")]
    private partial void LogVersion(string version);

    [LoggerMessage(2, LogLevel.Warning, "The API server does not say its version, trying again: {Status}")]
    private partial void LogUnreachable(ApiStatus status);

    [LoggerMessage(3, LogLevel.Information, "Not nominating nodes ahead: kube-scheduler {Version} does not heed it")]
    private partial void LogNotHeeded(string version);

    private static LeaderElectionOptions? ElectionOf(LeaderElectionSection section, ClusterConnection connection) => !section.Enabled ? null : new LeaderElectionOptions
    {
        LeaseName = section.LeaseName,
        LeaseNamespace = section.LeaseNamespace.Length > 0 ? section.LeaseNamespace : connection.Namespace,
        Identity = Identity,
        LeaseDuration = section.LeaseDuration,
        RenewDeadline = section.RenewDeadline,
        RetryPeriod = section.RetryPeriod,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
