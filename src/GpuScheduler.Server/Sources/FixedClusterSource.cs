using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Sources;

/// <summary>A cluster that is known from the start, generated or read from a file, and then changes by binds alone.</summary>
/// <param name="description">See <see cref="Description"/>.</param>
/// <param name="load">Makes it; runs while the HTTP server starts.</param>
/// <param name="pump">Takes it in.</param>
/// <param name="gangs">Places pods.</param>
/// <param name="log">Told of the objects that were left out.</param>
internal sealed partial class FixedClusterSource(
    string description, Func<LoadedCluster> load, ClusterPump pump, GangBarrier gangs, ILogger<FixedClusterSource> log) : IClusterSource
{
    private const int ProblemsLogged = 50;

    private volatile bool _isSynced;

    public string Description => description;

    public IPodBinder Binder { get; } = new EmbeddedBinder(pump, gangs);

    public bool IsReady => _isSynced;

    public IReadOnlyList<string> NotReadyReasons => _isSynced ? [] : [$"the {description} is still being loaded"];

    public SourceVitals Vitals => SourceVitals.Alone;

    public async Task RunAsync(Action synced, CancellationToken stopping)
    {
        var cluster = await Task.Run(load, stopping);
        foreach (var problem in cluster.Problems.Take(ProblemsLogged)) LogProblem(problem);
        if (cluster.Problems.Count > ProblemsLogged) LogMoreProblems(cluster.Problems.Count - ProblemsLogged);
        foreach (var node in cluster.Nodes) await pump.PostAsync(ClusterChange.NodeUpserted(node), stopping);
        foreach (var group in cluster.PodGroups) await pump.PostAsync(ClusterChange.PodGroupUpserted(group), stopping);
        foreach (var pod in cluster.Pods) await pump.PostAsync(ClusterChange.PodUpserted(pod), stopping);
        // Answered after everything before it is in the published snapshot.
        var (nodes, pods) = await pump.AskAsync(ledger => (ledger.NodeCount, ledger.PodCount), stopping);
        LogLoaded(description, nodes, pods);
        _isSynced = true;
        synced();
    }

    public Task<IReadOnlyList<string>> CompareAsync(SnapshotStore store, CancellationToken cancellationToken) => pump.AskAsync(
        ledger => SnapshotComparer.Compare(
            ledger.Publish(), ledger.Nodes, ledger.Pods.Where(pod => pod.State == PodState.Confirmed).Select(pod => pod.Pod)),
        cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Loaded the {Source}: {Nodes} nodes, {Pods} pods")]
    private partial void LogLoaded(string source, int nodes, int pods);

    [LoggerMessage(2, LogLevel.Warning, "Left out: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(3, LogLevel.Warning, "Left out: {Count} more")]
    private partial void LogMoreProblems(int count);
}
