using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Kubernetes;

/// <summary>What proves who we are, at this moment.</summary>
/// <param name="Authorization">Value of the Authorization header; null for none.</param>
/// <param name="ClientCertificate">TLS client certificate with its private key; null for none.</param>
public sealed record Credential(string? Authorization, X509Certificate2? ClientCertificate)
{
    /// <summary>No credential: an anonymous caller.</summary>
    public static Credential None { get; } = new(null, null);

    /// <summary>Names what it holds, never the secret itself.</summary>
    public override string ToString() =>
        $"{(Authorization is null ? "no header" : "a header")}, {ClientCertificate?.Subject ?? "no certificate"}";
}

/// <summary>Provides the credential for each request. May be called from several threads at once.</summary>
public interface ICredentialSource
{
    /// <summary>The credential to use now; usually cached. A failure has <see cref="ApiOutcome.NotSent"/>.</summary>
    ValueTask<ApiResult<Credential>> GetAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The server answered 401 to <paramref name="credential"/>. True when another one may be had: the call is then tried once more.
    /// </summary>
    bool Reject(Credential credential);
}

/// <summary>A credential that never changes.</summary>
/// <param name="credential">It.</param>
public sealed class FixedCredential(Credential credential) : ICredentialSource
{
    private readonly ApiResult<Credential> _result = new(credential);

    /// <inheritdoc/>
    public ValueTask<ApiResult<Credential>> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_result);

    /// <inheritdoc/>
    public bool Reject(Credential credential) => false;
}
