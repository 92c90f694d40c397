using System.Text.Json;
using k8s.KubeConfigModels;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads an <c>ExecCredential</c>, what an exec plugin prints. No message quotes the text: it is a secret.</summary>
internal static class ExecCredentialReader
{
    /// <returns>The credential's status: a token, or a certificate with its key, or both.</returns>
    /// <exception cref="FormatException">Not the credential that was asked for; the message says why.</exception>
    public static ExecCredentialResponse.ExecStatus Read(ReadOnlySpan<byte> json, string apiVersion)
    {
        ExecCredentialResponse? read;
        try
        {
            read = JsonSerializer.Deserialize(json, ModelContext.Default.ExecCredentialResponse);
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            throw new FormatException("printed no valid ExecCredential", e);
        }

        if (read?.Kind != "ExecCredential" || read.ApiVersion != apiVersion)
        {
            throw new FormatException($"is configured for {apiVersion} ExecCredential and printed {read?.ApiVersion} {read?.Kind}");
        }

        var status = read.Status ?? throw new FormatException("printed no status");
        var (hasCertificate, hasKey) = (!string.IsNullOrEmpty(status.ClientCertificateData), !string.IsNullOrEmpty(status.ClientKeyData));
        return (string.IsNullOrEmpty(status.Token), hasCertificate, hasKey) switch
        {
            (true, false, false) => throw new FormatException("printed neither a token nor a certificate with its key"),
            _ when hasCertificate != hasKey => throw new FormatException("printed only one of certificate and key"),
            _ => status,
        };
    }
}
