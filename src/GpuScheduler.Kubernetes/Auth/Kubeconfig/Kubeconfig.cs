namespace GpuScheduler.Kubernetes;

/// <summary>
/// Finds and merges kubeconfig files: for every named entry and for current-context the first file that has it wins, whole; later files
/// add nothing to an entry (client-go <c>tools/clientcmd/loader.go</c>).
/// </summary>
public static class Kubeconfig
{
    /// <summary>The connection of a context.</summary>
    /// <param name="paths">Files, most important first. See <see cref="DefaultPaths"/>.</param>
    /// <param name="context">Context to use; null for the files' current-context.</param>
    /// <param name="time">Clock for renewing tokens.</param>
    /// <exception cref="ClusterConfigException">A file, entry or field is missing or unusable.</exception>
    public static ClusterConnection Load(IReadOnlyList<string> paths, string? context, TimeProvider time)
    {
        if (paths.Count == 0)
        {
            throw new ClusterConfigException("no kubeconfig file");
        }

        var files = paths.Distinct(StringComparer.Ordinal).Select(KubeconfigFile.Load).ToList();
        var all = string.Join(", ", files.Select(f => f.Path));
        var name = context
            ?? files.Select(f => f.CurrentContext).FirstOrDefault(c => !string.IsNullOrEmpty(c))
            ?? throw new ClusterConfigException(all, "current-context", "missing, and no context was asked for");
        var chosen = First(files, f => f.Contexts, name)
            ?? throw new ClusterConfigException(all, "contexts", $"no context named '{name}'");
        var clusterName = chosen.Text("cluster") ?? throw chosen.Bad("cluster", "missing");
        var cluster = First(files, f => f.Clusters, clusterName)
            ?? throw chosen.Bad("cluster", $"no cluster named '{clusterName}' in {all}");
        YamlFields? user = null;
        if (chosen.Text("user") is { } userName)
        {
            user = First(files, f => f.Users, userName) ?? throw chosen.Bad("user", $"no user named '{userName}' in {all}");
        }

        var connection = KubeconfigCluster.Read(cluster) with { Namespace = chosen.Text("namespace") ?? "default" };
        return user is null ? connection : KubeconfigUser.AddTo(connection, user, cluster, time);
    }

    /// <summary>
    /// The files named by KUBECONFIG that exist (missing ones are passed over, as client-go does), or <c>~/.kube/config</c> if that exists.
    /// </summary>
    public static IReadOnlyList<string> DefaultPaths(HostEnvironment environment)
    {
        if (environment.Variable("KUBECONFIG") is { Length: > 0 } variable)
        {
            var named = variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            return [.. named.Distinct(StringComparer.Ordinal).Where(File.Exists)];
        }

        var home = Path.Combine(environment.HomeDirectory, ".kube", "config");
        return File.Exists(home) ? [home] : [];
    }

    private static YamlFields? First(
        List<KubeconfigFile> files, Func<KubeconfigFile, IReadOnlyDictionary<string, YamlFields>> entries, string name) =>
        files.Select(f => entries(f).GetValueOrDefault(name)).FirstOrDefault(e => e is not null);
}
