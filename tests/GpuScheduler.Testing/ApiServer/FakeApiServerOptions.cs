using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Testing;

/// <summary>How a <see cref="FakeApiServer"/> is started.</summary>
public sealed record FakeApiServerOptions
{
    /// <summary>Server certificate with private key: serves https (HTTP/2 and HTTP/1.1). Null: plain http.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Without HTTP/2 even over TLS.</summary>
    public bool OnlyHttp1 { get; init; }

    /// <summary>Whether a TLS client certificate is asked for (any is accepted; see <see cref="FakeApiServer.LastClientCertificate"/>).</summary>
    public bool AsksForClientCertificate { get; init; }

    /// <summary>The version it claims; its minor also decides nothing else.</summary>
    public string GitVersion { get; init; } = "v1.36.2";

    /// <summary>Clock for the <c>timeoutSeconds</c> of watches.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>TCP port; 0 for any free one. A test that restarts the server asks for the same port again.</summary>
    public int Port { get; init; }
}
