using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Sources;

/// <summary>The kinds of <see cref="IClusterSource"/>.</summary>
public enum ClusterSourceKind
{
    /// <summary>Generated from a seed.</summary>
    Embedded,

    /// <summary>Read from a file.</summary>
    File,

    /// <summary>A live API server.</summary>
    Kubernetes,
}

/// <summary>Resolves <c>cluster.source</c>.</summary>
public static class ClusterSourceKinds
{
    /// <summary>The kind that the options ask for; <c>auto</c> looks around.</summary>
    /// <param name="options">Options.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="fileExists">Whether a file exists.</param>
    public static ClusterSourceKind Resolve(GpuSchedulerOptions options, Func<string, string?> environment, Func<string, bool> fileExists)
    {
        var source = options.Cluster.Source;
        if (source.StartsWith(ClusterSection.FilePrefix, StringComparison.Ordinal)) return ClusterSourceKind.File;
        return source switch
        {
            "embedded" => ClusterSourceKind.Embedded,
            "kubernetes" => ClusterSourceKind.Kubernetes,
            _ => !options.Cluster.Demo && HasCluster(options, environment, fileExists) ? ClusterSourceKind.Kubernetes : ClusterSourceKind.Embedded,
        };
    }

    private static bool HasCluster(GpuSchedulerOptions options, Func<string, string?> environment, Func<string, bool> fileExists)
    {
        if (options.Kubernetes.Kubeconfig.Length > 0) return true;
        if (environment("KUBERNETES_SERVICE_HOST") is { Length: > 0 }) return true;
        if (environment("KUBECONFIG") is { Length: > 0 } paths) return paths.Split(Path.PathSeparator).Any(path => path.Length > 0 && fileExists(path));
        return environment("HOME") is { Length: > 0 } home && fileExists(Path.Combine(home, ".kube", "config"));
    }
}
