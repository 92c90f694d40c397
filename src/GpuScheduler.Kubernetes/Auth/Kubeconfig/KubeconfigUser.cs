using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads the user entry of a kubeconfig.</summary>
internal static class KubeconfigUser
{
    /// <exception cref="ClusterConfigException">A field is missing, unusable or contradicts another.</exception>
    public static ClusterConnection AddTo(ClusterConnection connection, YamlFields user, YamlFields cluster, TimeProvider time)
    {
        if (user.Node("auth-provider") is not null)
        {
            throw user.Bad("auth-provider", "no longer supported (nor by client-go since 1.26); use an exec plugin");
        }

        return connection with
        {
            Credentials = Credentials(user, cluster, connection, time),
            Impersonate = user.Text("as") is { Length: > 0 } other
                ? new Impersonation(other, user.Text("as-uid"), user.Texts("as-groups"))
                : null,
        };
    }

    private static ICredentialSource Credentials(YamlFields user, YamlFields cluster, ClusterConnection connection, TimeProvider time)
    {
        var certificate = ClientCertificate(user);
        var token = user.Text("token");
        var tokenFile = user.FilePath("tokenFile");
        var name = user.Text("username");
        if (name is not null && (token is not null || tokenFile is not null))
        {
            throw user.Bad("username", "cannot be set together with a token");
        }

        if (user.Mapping("exec") is { } exec)
        {
            return token is null && tokenFile is null && name is null
                ? new ExecCredentialSource(ExecPlugin.Read(exec, cluster, connection), certificate, time)
                : throw user.Bad("exec", "cannot be set together with a token or user name");
        }

        if (tokenFile is not null)
        {
            var fromFile = new TokenFileCredential(tokenFile, time, token);
            return certificate is null ? fromFile : new WithCertificate(fromFile, certificate);
        }

        var header = token is not null ? $"Bearer {token}"
            : name is not null ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{user.Text("password")}"))
            : null;
        return new FixedCredential(new Credential(header, certificate));
    }

    private static X509Certificate2? ClientCertificate(YamlFields user)
    {
        var certificate = user.DataOrFile("client-certificate");
        var key = user.DataOrFile("client-key");
        return (certificate, key) switch
        {
            (null, null) => null,
            ({ } c, { } k) => Pem.Client(c.Text, k.Text, user.File, c.Field),
            (null, _) => throw user.Bad("client-certificate", "missing, although there is a client-key"),
            _ => throw user.Bad("client-key", "missing, although there is a client-certificate"),
        };
    }

    private sealed class WithCertificate(ICredentialSource inner, X509Certificate2 certificate) : ICredentialSource
    {
        public async ValueTask<ApiResult<Credential>> GetAsync(CancellationToken cancellationToken)
        {
            var result = await inner.GetAsync(cancellationToken);
            return result.IsSuccess ? new(result.Value with { ClientCertificate = certificate }) : result;
        }

        public bool Reject(Credential credential) => inner.Reject(credential);
    }
}
