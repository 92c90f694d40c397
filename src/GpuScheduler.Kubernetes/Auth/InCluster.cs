namespace GpuScheduler.Kubernetes;

/// <summary>The connection every pod is given: its service account's token and CA, and the API server's address in two variables.</summary>
/// <remarks>As client-go <c>rest/config.go</c>, InClusterConfig.</remarks>
public static class InCluster
{
    /// <summary>Where the kubelet puts the service account.</summary>
    public const string DefaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whether this looks like a pod.</summary>
    public static bool IsAvailable(HostEnvironment environment, string directory = DefaultDirectory) =>
        !string.IsNullOrEmpty(environment.Variable("KUBERNETES_SERVICE_HOST"))
        && !string.IsNullOrEmpty(environment.Variable("KUBERNETES_SERVICE_PORT"))
        && File.Exists(Path.Combine(directory, "token"));

    /// <summary>The pod's connection.</summary>
    /// <exception cref="ClusterConfigException">A variable or file is missing or unusable.</exception>
    public static ClusterConnection Load(HostEnvironment environment, TimeProvider time, string directory = DefaultDirectory)
    {
        var host = Require(environment, "KUBERNETES_SERVICE_HOST");
        var port = Require(environment, "KUBERNETES_SERVICE_PORT");
        if (host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('['))
        {
            host = $"[{host}]"; // IPv6
        }

        if (!Uri.TryCreate($"https://{host}:{port}", UriKind.Absolute, out var server))
        {
            throw new ClusterConfigException($"KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make no address: '{host}' and '{port}'");
        }

        var ca = Path.Combine(directory, "ca.crt");
        var ns = Path.Combine(directory, "namespace");
        return new ClusterConnection
        {
            Server = server,
            Credentials = new TokenFileCredential(Path.Combine(directory, "token"), time),
            CertificateAuthorities = Pem.Authorities(ReadFile(ca), ca, ""),
            Namespace = File.Exists(ns) ? ReadFile(ns).Trim() : "default",
        };
    }

    private static string Require(HostEnvironment environment, string variable) =>
        environment.Variable(variable) is { Length: > 0 } value
            ? value
            : throw new ClusterConfigException($"not in a pod: {variable} is not set");

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterConfigException(path, "", e.Message, e);
        }
    }
}
