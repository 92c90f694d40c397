using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Cli;

/// <summary>Lists the nodes, pods and PodGroups of a cluster once. Writes nothing, watches nothing, needs no more than the right to list.</summary>
internal static class KubernetesListing
{
    private const int PageSize = 500;

    /// <summary>Lists them.</summary>
    /// <exception cref="ClusterSourceException">There is no usable kubeconfig, or the API server does not answer.</exception>
    public static async Task<LoadedCluster> LoadAsync(GpuSchedulerOptions options, CancellationToken cancellation)
    {
        var kubernetes = options.Kubernetes;
        try
        {
            var connection = ClusterConnections.Load(
                kubernetes.Kubeconfig, kubernetes.Context.Length > 0 ? kubernetes.Context : null, HostEnvironment.Current, TimeProvider.System);
            using var api = new HttpKubernetesApi(
                connection, new KubernetesApiOptions { UserAgent = $"gpu-scheduler/{Http.BuildInfo.Current.Version}", RequestTimeout = kubernetes.RequestTimeout });
            var catalog = new GpuResourceCatalog(options.Resources.Gpus);
            var problems = new List<string>();
            var nodes = await ListAsync(api, ResourceType.Nodes, new NodeObjects(catalog), null, problems, cancellation);
            var pods = await ListAsync(api, ResourceType.Pods, new PodObjects(catalog), "status.phase!=Succeeded,status.phase!=Failed", problems, cancellation);
            var groups = await PodGroupListing.ListAsync(api, cancellation);
            return new LoadedCluster(nodes, pods, [.. problems, .. groups.Problems]) { PodGroups = groups.Groups };
        }
        catch (Exception problem) when (problem is ClusterConfigException or ArgumentException or HttpRequestException)
        {
            throw new ClusterSourceException($"cannot use the Kubernetes cluster: {problem.Message}");
        }
    }

    private static async Task<List<T>> ListAsync<T>(
        HttpKubernetesApi api, ResourceType resource, IObjectReader<T> reader, string? fieldSelector, List<string> problems, CancellationToken cancellation)
    {
        var found = new Found<T>();
        var result = await api.ListAllAsync(resource, reader, found, new ListOptions { FieldSelector = fieldSelector, Limit = PageSize }, cancellation);
        if (!result.IsSuccess) throw new ClusterSourceException($"cannot list {resource.Plural}: {result.Status}");
        problems.AddRange(found.Problems.Select(bad => $"{resource.Plural} {bad.Meta.Namespace}/{bad.Meta.Name}: {bad.Error.Message}"));
        return found.Values;
    }

    private sealed class Found<T> : IListSink<T>
    {
        public List<T> Values { get; } = [];

        public List<BadObject> Problems { get; } = [];

        public void Add(T value) => Values.Add(value);

        public void Bad(BadObject bad) => Problems.Add(bad);

        public void Restart()
        {
            Values.Clear();
            Problems.Clear();
        }
    }
}
