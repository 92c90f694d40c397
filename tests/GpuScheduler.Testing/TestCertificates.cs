using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Testing;

/// <summary>An authority made for one test, and what it signs.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Day = new(DateTimeOffset.UnixEpoch.AddYears(50).DateTime, TimeSpan.Zero);

    private readonly X509Certificate2 _authority;
    private byte _serial = 1;

    public TestCertificates(string name = "test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _authority = request.CreateSelfSigned(Day, Day.AddYears(80));
    }

    public string AuthorityPem => _authority.ExportCertificatePem();

    public X509Certificate2Collection Authorities => [_authority];

    /// <summary>A certificate for a server on this machine, as PEM.</summary>
    public (string CertificatePem, string KeyPem) LocalServer()
    {
        using var certificate = Server("localhost", IPAddress.Loopback);
        using var key = certificate.GetECDsaPrivateKey()!;
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Server(string dnsName, params IPAddress[] addresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        foreach (var address in addresses)
        {
            names.AddIpAddress(address);
        }

        return Sign($"CN={dnsName}", "1.3.6.1.5.5.7.3.1", names.Build()).Certificate;
    }

    public (X509Certificate2 Certificate, string CertificatePem, string KeyPem) Client(string name) =>
        Sign($"CN={name}", "1.3.6.1.5.5.7.3.2", null);

    public void Dispose() => _authority.Dispose();

    private (X509Certificate2 Certificate, string CertificatePem, string KeyPem) Sign(string subject, string usage, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        using var signed = request.Create(_authority, Day, Day.AddYears(79), [_serial++]);
        var certificate = signed.CopyWithPrivateKey(key);
        return (certificate, certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
