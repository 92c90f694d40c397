using GpuScheduler.Server.Options;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Tls;

/// <summary>A folder with the server's certificate files, as a mounted Secret has them.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-scheduler-tls-");

    public CertificateFolder() => Write(Authority);

    /// <summary>Signs the server's and clients' certificates.</summary>
    public TestCertificates Authority { get; } = new();

    public string CertificateFile => In("tls.crt");

    public string KeyFile => In("tls.key");

    public string ClientCaFile => In("ca.crt");

    public TlsSection Options => new() { CertificateFile = CertificateFile, KeyFile = KeyFile, ClientCaFile = ClientCaFile };

    /// <summary>The options as a command line.</summary>
    public IReadOnlyList<string> Arguments =>
        ["--set", $"tls.certificateFile={CertificateFile}", "--set", $"tls.keyFile={KeyFile}", "--set", $"tls.clientCaFile={ClientCaFile}"];

    /// <summary>Replaces all files by new ones of an authority.</summary>
    public void Write(TestCertificates authority)
    {
        var (certificate, key) = authority.LocalServer();
        File.WriteAllText(CertificateFile, certificate);
        File.WriteAllText(KeyFile, key);
        File.WriteAllText(ClientCaFile, authority.AuthorityPem);
    }

    /// <summary>Writes the same files again.</summary>
    public void Touch()
    {
        foreach (var file in _folder.EnumerateFiles()) File.WriteAllText(file.FullName, File.ReadAllText(file.FullName));
    }

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private string In(string file) => Path.Combine(_folder.FullName, file);
}
