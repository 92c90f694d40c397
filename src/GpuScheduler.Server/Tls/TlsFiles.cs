using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Tls;

/// <summary>The text of the certificate files at one moment.</summary>
/// <param name="Certificate">PEM: the server's certificate, then those between it and its authority.</param>
/// <param name="Key">PEM: the private key.</param>
/// <param name="ClientCa">PEM: authorities of client certificates; empty without.</param>
internal sealed record TlsFiles(string Certificate, string Key, string ClientCa)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="TlsFileException">One cannot be read.</exception>
    public static TlsFiles Read(TlsSection options) => new(
        Text(options.CertificateFile, "tls.certificateFile"),
        Text(options.KeyFile, "tls.keyFile"),
        options.ClientCaFile.Length > 0 ? Text(options.ClientCaFile, "tls.clientCaFile") : "");

    /// <summary>What a handshake needs of them.</summary>
    /// <exception cref="TlsFileException">One holds something else than it should, or certificate and key do not belong together.</exception>
    public TlsMaterial Load(TlsSection options)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(Certificate);
            var leaf = X509Certificate2.CreateFromPem(Certificate, Key);
            chain.RemoveAt(0);
            // Offline: a server must not fetch missing certificates from the network while a caller waits.
            return new(SslStreamCertificateContext.Create(leaf, chain, offline: true), Authorities(options));
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            throw new TlsFileException(
                $"tls.certificateFile {options.CertificateFile} and tls.keyFile {options.KeyFile} are not a PEM certificate and its unencrypted key: {problem.Message}");
        }
    }

    private X509Certificate2Collection? Authorities(TlsSection options)
    {
        if (ClientCa.Length == 0 && options.ClientCaFile.Length == 0) return null;
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(ClientCa);
        }
        catch (CryptographicException problem)
        {
            throw new TlsFileException($"tls.clientCaFile {options.ClientCaFile} is not PEM: {problem.Message}");
        }

        return found.Count > 0 ? found : throw new TlsFileException($"tls.clientCaFile {options.ClientCaFile} holds no certificate");
    }

    private static string Text(string file, string option)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TlsFileException($"{option}: {problem.Message}");
        }
    }
}

/// <summary>What a handshake needs.</summary>
/// <param name="Server">The server's certificate with its key and chain.</param>
/// <param name="ClientAuthorities">Who signs client certificates; null when none are asked for.</param>
internal sealed record TlsMaterial(SslStreamCertificateContext Server, X509Certificate2Collection? ClientAuthorities);
