using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// Where the API server is, how to trust it and how to be trusted; what a kubeconfig or a pod's own account comes down to.
/// </summary>
public sealed record ClusterConnection
{
    /// <summary>Address of the API server; a path is kept as a prefix.</summary>
    public required Uri Server { get; init; }

    /// <summary>Who we are.</summary>
    public ICredentialSource Credentials { get; init; } = new FixedCredential(Credential.None);

    /// <summary>Authorities that may sign the server's certificate; null for the machine's own.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>Name the server's certificate must carry; null for the host in <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Accept any server certificate. Only ever set because a configuration says so in as many words.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>Proxy (http, https or socks5); null for whatever HTTPS_PROXY and NO_PROXY say.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Default namespace of the configuration.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Whom to act as; null for ourselves.</summary>
    public Impersonation? Impersonate { get; init; }
}

/// <summary>Another identity to act as; needs the <c>impersonate</c> right.</summary>
/// <param name="User">User name.</param>
/// <param name="Uid">User's UID; null for none.</param>
/// <param name="Groups">Groups; empty for the server's choice.</param>
public sealed record Impersonation(string User, string? Uid, IReadOnlyList<string> Groups);
