using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Cluster.Reflection;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>Follows the PodGroups of the gang APIs that the API server has; those it does not have when this begins are left alone.</summary>
/// <param name="api">The API server.</param>
/// <param name="pump">The single writer.</param>
/// <param name="time">Paces the reflectors.</param>
/// <param name="logs">Where they tell what goes wrong.</param>
public sealed class PodGroupFollower(IKubernetesApi api, ClusterPump pump, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>Tells the ledger which kinds are followed; before pods are, because until a pod's group is known its gang must not start.</summary>
    public async Task BeginAsync(ServerInfo server, CancellationToken cancellationToken)
    {
        foreach (var (_, kind) in Served(server))
        {
            await pump.AskAsync(
                ledger =>
                {
                    ledger.FollowPodGroups(kind);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Follows them until cancelled.</summary>
    public Task RunAsync(ServerInfo server, CancellationToken stopping) => Task.WhenAll(Served(server).Select(served =>
    {
        var sink = new PumpSink<PodGroupObject>(
            pump, value => ClusterChange.PodGroupUpserted(value.Group), meta => ClusterChange.PodGroupDeleted(new GangKey(served.Kind, meta.Namespace, meta.Name)));
        return new Reflector<PodGroupObject>(
            api, new PodGroupObjects(served.Kind), sink, new ReflectorOptions(served.Resource), time, new Random(), logs.CreateLogger<Reflector<PodGroupObject>>())
            .RunAsync(stopping);
    }));

    private static IEnumerable<(ResourceType Resource, string Kind)> Served(ServerInfo server) => PodGroupKinds.All.Where(known => server.Serves(known.Resource));
}
