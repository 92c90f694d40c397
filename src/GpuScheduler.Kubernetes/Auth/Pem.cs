using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Kubernetes;

/// <summary>Certificates in PEM, with errors that name where they came from.</summary>
internal static class Pem
{
    /// <exception cref="ClusterConfigException">No certificate in it.</exception>
    public static X509Certificate2Collection Authorities(string pem, string file, string field)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new ClusterConfigException(file, field, $"not a PEM certificate: {e.Message}", e);
        }

        return found.Count > 0 ? found : throw new ClusterConfigException(file, field, "holds no PEM certificate");
    }

    /// <exception cref="ClusterConfigException">Certificate or key cannot be read, or do not belong together.</exception>
    public static X509Certificate2 Client(string certificate, string key, string file, string field)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClusterConfigException(file, field, $"not a PEM certificate with its private key: {e.Message}", e);
        }
    }
}
