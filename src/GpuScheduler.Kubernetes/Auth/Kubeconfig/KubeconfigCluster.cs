namespace GpuScheduler.Kubernetes;

/// <summary>Reads the cluster entry of a kubeconfig.</summary>
internal static class KubeconfigCluster
{
    /// <exception cref="ClusterConfigException">A field is missing or unusable.</exception>
    public static ClusterConnection Read(YamlFields cluster)
    {
        var skip = cluster.Flag("insecure-skip-tls-verify");
        var authority = cluster.DataOrFile("certificate-authority");
        if (skip && authority is not null)
        {
            // client-go refuses the pair too: one of the two is a mistake
            throw cluster.Bad("insecure-skip-tls-verify", "cannot be set together with a certificate-authority");
        }

        return new ClusterConnection
        {
            Server = cluster.Address("server", "https", "http") ?? throw cluster.Bad("server", "missing"),
            CertificateAuthorities = authority is { } a ? Pem.Authorities(a.Text, cluster.File, a.Field) : null,
            SkipTlsVerify = skip,
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = cluster.Address("proxy-url", "http", "https", "socks5"),
        };
    }
}
