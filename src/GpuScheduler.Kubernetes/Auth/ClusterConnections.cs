namespace GpuScheduler.Kubernetes;

/// <summary>Decides which configuration to use.</summary>
public static class ClusterConnections
{
    /// <summary>
    /// In this order: the kubeconfig named (it must exist), the files of KUBECONFIG, the pod's own service account, <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="kubeconfig">Path of a kubeconfig; null or empty when none is named.</param>
    /// <param name="context">Context in it; null for the current one. Without effect in a pod.</param>
    /// <param name="environment">The machine.</param>
    /// <param name="time">Clock for renewing tokens.</param>
    /// <exception cref="ClusterConfigException">What was found cannot be used, or nothing was found.</exception>
    public static ClusterConnection Load(string? kubeconfig, string? context, HostEnvironment environment, TimeProvider time)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
        {
            return Kubeconfig.Load([kubeconfig], context, time);
        }

        var isNamed = !string.IsNullOrEmpty(environment.Variable("KUBECONFIG"));
        if (!isNamed && InCluster.IsAvailable(environment))
        {
            return InCluster.Load(environment, time);
        }

        var paths = Kubeconfig.DefaultPaths(environment);
        return paths.Count > 0
            ? Kubeconfig.Load(paths, context, time)
            : throw new ClusterConfigException(isNamed
                ? "none of the files named by KUBECONFIG exists"
                : "no kubeconfig was named, KUBECONFIG is not set, this is no pod, and there is no ~/.kube/config");
    }
}
