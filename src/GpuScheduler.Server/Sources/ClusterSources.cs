using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Options;
using GpuScheduler.Simulation.Generation;

namespace GpuScheduler.Server.Sources;

/// <summary>Makes the source that the options name.</summary>
internal static class ClusterSources
{
    /// <exception cref="ClusterSourceException">There is no such source here.</exception>
    public static IClusterSource Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<GpuSchedulerOptions>();
        var cluster = options.Cluster;
        switch (ClusterSourceKinds.Resolve(options, Environment.GetEnvironmentVariable, File.Exists))
        {
            case ClusterSourceKind.Embedded:
                return Fixed($"embedded cluster (seed {cluster.Seed})", () =>
                {
                    var (nodes, pods) = ClusterGenerator.Generate(cluster.Nodes, cluster.Seed, cluster.Load, cluster.DynamicMig);
                    return new LoadedCluster(nodes, pods, []);
                });
            case ClusterSourceKind.File:
                var path = cluster.Source[ClusterSection.FilePrefix.Length..];
                return Fixed($"cluster in {path}", () => ClusterFile.Read(path, services.GetRequiredService<GpuResourceCatalog>()));
            default:
                return KubernetesSource.Create(options, services);
        }

        FixedClusterSource Fixed(string description, Func<LoadedCluster> load) =>
            ActivatorUtilities.CreateInstance<FixedClusterSource>(services, description, load);
    }
}
