using GpuScheduler.Core.Gangs;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>Lists the PodGroups of the gang APIs that an API server has, once.</summary>
public static class PodGroupListing
{
    /// <summary>Lists them; whatever cannot be listed or read is told of and left out.</summary>
    public static async Task<(IReadOnlyList<PodGroup> Groups, IReadOnlyList<string> Problems)> ListAsync(IKubernetesApi api, CancellationToken cancellationToken)
    {
        var discovered = await api.DiscoverAsync(cancellationToken).ConfigureAwait(false);
        if (!discovered.TryGet(out var server, out var status)) return ([], [$"which PodGroups there are cannot be told: {status}"]);
        var groups = new List<PodGroup>();
        var problems = new List<string>();
        foreach (var (resource, kind) in PodGroupKinds.All.Where(known => server.Serves(known.Resource)))
        {
            var sink = new Sink();
            var listed = await api.ListAllAsync(resource, new PodGroupObjects(kind), sink, new ListOptions(), cancellationToken).ConfigureAwait(false);
            if (!listed.IsSuccess) problems.Add($"cannot list {resource.Plural}.{resource.Group}, so gangs may be taken for smaller than they are: {listed.Status}");
            groups.AddRange(sink.Groups);
            problems.AddRange(sink.Problems);
        }

        return (groups, problems);
    }

    private sealed class Sink : IListSink<PodGroupObject>
    {
        public List<PodGroup> Groups { get; } = [];

        public List<string> Problems { get; } = [];

        public void Add(PodGroupObject value) => Groups.Add(value.Group);

        public void Bad(BadObject bad) => Problems.Add($"PodGroup {bad.Meta.Namespace}/{bad.Meta.Name}: {bad.Error.Message}");

        public void Restart()
        {
            Groups.Clear();
            Problems.Clear();
        }
    }
}
