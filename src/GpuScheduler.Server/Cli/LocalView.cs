using System.Text;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Server.Hosting;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Cli;

/// <summary>Answers from a cluster that was loaded once, with the same parts as the service; nothing is written anywhere.</summary>
internal sealed class LocalView : IClusterView
{
    private readonly ServiceProvider _parts;
    private readonly ClusterState _state;

    /// <summary>Takes the cluster in.</summary>
    /// <exception cref="ViewException">The options name a file of MIG geometries that is wrong.</exception>
    public LocalView(LoadedCluster cluster, GpuSchedulerOptions options)
    {
        var (geometries, problems) = MigGeometryFile.Read(options.Resources.MigGeometries);
        if (problems.Count > 0) throw new ViewException(string.Join("; ", problems));
        var services = new ServiceCollection();
        Composition.AddDomain(services, options, geometries);
        _parts = services.BuildServiceProvider();
        var ledger = _parts.GetRequiredService<ClusterLedger>();
        foreach (var node in cluster.Nodes) ledger.UpsertNode(node);
        foreach (var group in cluster.PodGroups) ledger.UpsertPodGroup(group);
        foreach (var pod in cluster.Pods) ledger.UpsertPod(pod);
        _state = new ClusterState(ledger.Publish(), [.. ledger.Waiting]);
        _parts.GetService<LearnedScoring>()?.Prepare(_state.Snapshot);
    }

    public bool IsLive => false;

    public Task<NodeListBody> NodesAsync(CancellationToken cancellation) =>
        Task.FromResult(_parts.GetRequiredService<NodeBodies>().List(_state.Snapshot, afterRow: -1, limit: int.MaxValue));

    public Task<NodeBody> NodeAsync(string name, CancellationToken cancellation) => _state.Snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is { } row
        ? Task.FromResult(NodeBodies.Detail(_state.Snapshot, row))
        : throw new ViewException($"node '{name}' is not in the cluster; gpu-scheduler inspect lists its {_state.Snapshot.NodeCount} nodes");

    public Task<DomainListBody> DomainsAsync(CancellationToken cancellation) => Task.FromResult(DomainBodies.List(_state.Snapshot));

    public Task<WaitingBody> WaitingAsync(CancellationToken cancellation) => Task.FromResult(_parts.GetRequiredService<PodBodies>().Waiting(_state));

    public Task<ExplanationBody> PodAsync(string podNamespace, string name, CancellationToken cancellation) => PodBodies.Find(_state, podNamespace, name) is { } found
        ? Task.FromResult(_parts.GetRequiredService<ExplainBodies>().Of(_state, found, null))
        : throw new ViewException($"pod '{podNamespace}/{name}' is not in the cluster, waiting or placed");

    public Task<ExplanationListBody> ExplainAsync(byte[] manifest, CancellationToken cancellation)
    {
        try
        {
            var bodies = _parts.GetRequiredService<ExplainBodies>();
            return Task.FromResult(new ExplanationListBody(
                _state.Snapshot.Generation, [.. _parts.GetRequiredService<ManifestReader>().Read(manifest).Select(asked => bodies.Of(_state, asked))]));
        }
        catch (FormatException problem)
        {
            throw new ViewException(problem.Message);
        }
    }

    public void Dispose() => _parts.Dispose();
}
