using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Events;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Cluster.Objects;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Cluster.Reflection;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Live;

/// <summary>
/// Follows the nodes and pods of an API server, competes for the lease, and says whether this process may answer and bind: only when its
/// snapshot holds the whole cluster, its watches are alive, and (with leader election) it leads and has listed the cluster since.
/// </summary>
public sealed class LiveCluster : IBindGate, ILeadershipObserver
{
    /// <summary>Pods that have ended hold no GPUs; the watch reports one that ends as deleted.</summary>
    private const string LivePods = "status.phase!=Succeeded,status.phase!=Failed";

    private readonly IKubernetesApi _api;
    private readonly ClusterPump _pump;
    private readonly LiveClusterOptions _options;
    private readonly NodeObjects _nodeObjects;
    private readonly PodObjects _podObjects;
    private readonly PumpSink<Node> _nodeSink;
    private readonly PumpSink<Pod> _podSink;
    private readonly Reflector<Node> _nodes;
    private readonly Reflector<Pod> _pods;
    private readonly LeaderElector? _elector;
    private readonly IPodObserver? _podObserver;
    private readonly ApiBinder _binder;
    private volatile LeaderTerm? _relistedIn;

    /// <summary>Puts the pieces together; <see cref="RunAsync"/> starts them.</summary>
    public LiveCluster(
        IKubernetesApi api, ClusterPump pump, GpuResourceCatalog catalog, LiveClusterOptions options, IBindObserver observer, TimeProvider time,
        ILoggerFactory logs, GangBarrier gangs, IPodObserver? podObserver = null)
    {
        _api = api;
        _pump = pump;
        _options = options;
        _podObserver = podObserver;
        _nodeObjects = new NodeObjects(catalog);
        _podObjects = new PodObjects(catalog);
        _nodeSink = new PumpSink<Node>(pump, node => ClusterChange.NodeUpserted(node, isInOrder: true), meta => ClusterChange.NodeDeleted(meta.Name, meta.Uid));
        _podSink = new PumpSink<Pod>(pump, pod => PodChange(pod), meta => ClusterChange.PodDeleted(meta.Uid));
        _nodes = new Reflector<Node>(
            api, _nodeObjects, _nodeSink, new ReflectorOptions(ResourceType.Nodes), time, new Random(), logs.CreateLogger<Reflector<Node>>());
        _pods = new Reflector<Pod>(
            api, _podObjects, _podSink, new ReflectorOptions(ResourceType.Pods) { FieldSelector = LivePods }, time, new Random(),
            logs.CreateLogger<Reflector<Pod>>());
        _elector = options.LeaderElection is { } election
            ? new LeaderElector(api, election, this, time, new Random(), logs.CreateLogger<LeaderElector>()) : null;
        _binder = new ApiBinder(pump, api, _podObjects, this, observer, time, options.BindTimeout, gangs);
    }

    /// <summary>Carries out binds.</summary>
    public ApiBinder Binder => _binder;

    /// <summary>Time since the quieter of the two watches showed a sign of life.</summary>
    public TimeSpan Staleness => _nodes.Staleness > _pods.Staleness ? _nodes.Staleness : _pods.Staleness;

    /// <summary>The two watches.</summary>
    public IReadOnlyList<WatchState> Watches =>
        [new(ResourceType.Nodes.Plural, _nodes.Staleness, _nodes.Counters), new(ResourceType.Pods.Plural, _pods.Staleness, _pods.Counters)];

    /// <summary>This process holds the lease, or there is no election.</summary>
    public bool IsLeading => _elector?.IsLeading ?? true;

    /// <inheritdoc/>
    public string? Refusal => IsReady ? null : $"gpu-scheduler cannot bind now: {string.Join(", ", NotReadyReasons)}";

    /// <summary>This process may answer kube-scheduler. Allocates nothing: it is asked on every call.</summary>
    public bool IsReady =>
        _nodeSink.IsSynced && _podSink.IsSynced && Staleness <= _options.StaleAfter
        && (_elector is null || (_elector.Current is { } term && ReferenceEquals(_relistedIn, term)));

    /// <summary>Why this process must not answer kube-scheduler now; empty when it may.</summary>
    public IReadOnlyList<string> NotReadyReasons
    {
        get
        {
            var reasons = new List<string>();
            if (!_nodeSink.IsSynced) reasons.Add("the nodes have not been listed yet");
            if (!_podSink.IsSynced) reasons.Add("the pods have not been listed yet");
            if (reasons.Count == 0 && Staleness > _options.StaleAfter)
            {
                reasons.Add($"the API server has not been heard of for {Staleness.TotalSeconds:0} s");
            }

            if (_elector is null) return reasons;
            if (_elector.Current is not { } term)
            {
                reasons.Add(_elector.Holder.Length > 0 ? $"not leading ('{_elector.Holder}' leads)" : "not leading (nobody does yet)");
            }
            else if (!ReferenceEquals(_relistedIn, term))
            {
                reasons.Add("has just begun to lead and is listing the cluster anew");
            }

            return reasons;
        }
    }

    /// <summary>Runs until cancelled; then ends the term, waits for the binds under way and releases the lease.</summary>
    /// <param name="server">The API server: a new one is asked for its state as a stream.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(ServerInfo server, CancellationToken stopping)
    {
        _nodes.UseWatchList = _pods.UseWatchList = server.LikelyOffersWatchList;

        // The reflectors outlive the election: binds that are still under way want to be confirmed.
        using var following = new CancellationTokenSource();
        var reflectors = Task.WhenAll(_nodes.RunAsync(following.Token), _pods.RunAsync(following.Token));
        try
        {
            var leading = _elector?.RunAsync(stopping) ?? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping);
            await (await Task.WhenAny(leading, reflectors).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await _binder.DrainAsync().ConfigureAwait(false);
        }
        finally
        {
            await following.CancelAsync().ConfigureAwait(false);
            await reflectors.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Lists the cluster anew, apart from the watches, and compares it with the newest snapshot; see <see cref="SnapshotComparer"/>.</summary>
    /// <exception cref="HttpRequestException">The API server did not answer the lists.</exception>
    public async Task<IReadOnlyList<string>> CompareAsync(SnapshotStore store, CancellationToken cancellationToken)
    {
        var nodes = await ListAsync(ResourceType.Nodes, _nodeObjects, null, cancellationToken).ConfigureAwait(false);
        var pods = await ListAsync(ResourceType.Pods, _podObjects, LivePods, cancellationToken).ConfigureAwait(false);
        await _pump.FlushAsync(cancellationToken).ConfigureAwait(false);
        return SnapshotComparer.Compare(store.Current, nodes, pods);
    }

    void ILeadershipObserver.StartedLeading(LeaderTerm term) => _ = RelistAsync(term);

    Task ILeadershipObserver.StoppedLeadingAsync(LeaderTerm term) => _binder.DrainAsync();

    void ILeadershipObserver.ObservedLeader(string identity)
    {
    }

    private ClusterChange PodChange(Pod pod)
    {
        if (_elector is null || _elector.Current is not null) _podObserver?.Seen(pod);
        return ClusterChange.PodUpserted(pod, isInOrder: true);
    }

    private async Task RelistAsync(LeaderTerm term)
    {
        try
        {
            await Task.WhenAll(_nodes.RelistAsync(term.Ended), _pods.RelistAsync(term.Ended)).ConfigureAwait(false);
            await _pump.FlushAsync(term.Ended).ConfigureAwait(false);
            _relistedIn = term;
        }
        catch (OperationCanceledException)
        {
            // The term ended first.
        }
    }

    private async Task<List<T>> ListAsync<T>(ResourceType resource, IObjectReader<T> reader, string? fieldSelector, CancellationToken cancellationToken)
    {
        var found = new PageBuffer<T>(); // what it cannot read, the reflector has reported
        var options = new ListOptions { FieldSelector = fieldSelector, Limit = 500 };
        var result = await _api.ListAllAsync(resource, reader, found, options, cancellationToken).ConfigureAwait(false);
        return result.IsSuccess ? found.Values : throw new HttpRequestException($"listing {resource.Plural}: {result.Status}");
    }
}
