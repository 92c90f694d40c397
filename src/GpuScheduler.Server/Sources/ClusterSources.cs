using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Options;
using GpuScheduler.Simulation.Generation;

namespace GpuScheduler.Server.Sources;

/// <summary>Makes the source that the options name.</summary>
internal static class ClusterSources
{
    /// <exception cref="ClusterSourceException">There is no such source here.</exception>
    public static IClusterSource Create(GpuSchedulerOptions options, GpuResourceCatalog catalog, ClusterPump pump, ILoggerFactory logs)
    {
        var cluster = options.Cluster;
        switch (ClusterSourceKinds.Resolve(options, Environment.GetEnvironmentVariable, File.Exists))
        {
            case ClusterSourceKind.Embedded:
                return Fixed($"embedded cluster (seed {cluster.Seed})", () =>
                {
                    var (nodes, pods) = ClusterGenerator.Generate(cluster.Nodes, cluster.Seed, cluster.Load);
                    return new LoadedCluster(nodes, pods, []);
                });
            case ClusterSourceKind.File:
                var path = cluster.Source[ClusterSection.FilePrefix.Length..];
                return Fixed($"cluster in {path}", () => ClusterFile.Read(path, catalog));
            default:
                throw new ClusterSourceException(
                    $"cluster.source {cluster.Source}: a live API server cannot be used by this version yet. "
                    + "Use --cluster embedded, or --cluster file:PATH with what kubectl get nodes,pods -A -o json writes.");
        }

        FixedClusterSource Fixed(string description, Func<LoadedCluster> load) => new(description, load, pump, logs.CreateLogger<FixedClusterSource>());
    }
}
