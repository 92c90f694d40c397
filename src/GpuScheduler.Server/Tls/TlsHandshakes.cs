using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuScheduler.Server.Options;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GpuScheduler.Server.Tls;

/// <summary>How connections to an https address begin.</summary>
internal sealed class TlsHandshakes(ReloadingTls certificates, TlsSection options)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>For Kestrel.</summary>
    public TlsHandshakeCallbackOptions Callback => new() { OnConnection = Begin };

    private ValueTask<SslServerAuthenticationOptions> Begin(TlsHandshakeCallbackContext context)
    {
        var material = certificates.Current;
        var begin = new SslServerAuthenticationOptions { ServerCertificateContext = material.Server };
        if (material.ClientAuthorities is { } authorities) AskForCertificate(begin, authorities, context);
        return ValueTask.FromResult(begin);
    }

    /// <summary>
    /// A caller without a good certificate gets through the handshake and is told at the verbs what is wrong (<see cref="ClientCertificateGate"/>):
    /// probes have none, and a broken handshake explains nothing.
    /// </summary>
    private void AskForCertificate(SslServerAuthenticationOptions begin, X509Certificate2Collection authorities, TlsHandshakeCallbackContext context)
    {
        var connection = context.Connection;
        begin.ClientCertificateRequired = true;
        begin.AllowTlsResume = false; // every connection shows its certificate anew
        begin.CertificateChainPolicy = Policy(authorities);
#pragma warning disable CA5359 // the judgement is kept, and asked for at the verbs
        begin.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            connection.Features.Set(ClientCertificate.Judge(certificate as X509Certificate2, ProblemOf(chain, errors), authorities, options.ClientNames));
            return true;
        };
#pragma warning restore CA5359
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // cluster authorities publish no lists
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    private static string? ProblemOf(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return null;
        var problems = chain?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Where(text => text.Length > 0).Distinct().ToList() ?? [];
        return problems.Count > 0 ? string.Join(", ", problems) : errors.ToString();
    }
}
