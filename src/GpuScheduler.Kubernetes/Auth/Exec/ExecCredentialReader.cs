using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>What an exec plugin printed.</summary>
internal sealed record ExecCredentialStatus(string Token, string Certificate, string Key, DateTimeOffset? Expires);

/// <summary>Reads an <c>ExecCredential</c>. No message quotes the text: it is a secret.</summary>
internal static class ExecCredentialReader
{
    /// <exception cref="FormatException">Not the credential that was asked for; the message says why.</exception>
    public static ExecCredentialStatus Read(ReadOnlySpan<byte> json, string apiVersion)
    {
        var (kind, version) = ("", "");
        ExecCredentialStatus? status = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            if (!JsonRead.EnterObject(ref reader))
            {
                throw new FormatException("null");
            }

            while (JsonRead.NextMember(ref reader))
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "kind":
                        kind = JsonRead.String(ref reader) ?? "";
                        break;
                    case "apiVersion":
                        version = JsonRead.String(ref reader) ?? "";
                        break;
                    case "status":
                        status = ReadStatus(ref reader);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            throw new FormatException("printed no valid ExecCredential", e);
        }

        if (kind != "ExecCredential" || version != apiVersion)
        {
            throw new FormatException($"is configured for {apiVersion} ExecCredential and printed {version} {kind}");
        }

        return status switch
        {
            null => throw new FormatException("printed no status"),
            { Token: "", Certificate: "", Key: "" } => throw new FormatException("printed neither a token nor a certificate with its key"),
            _ when (status.Certificate.Length == 0) != (status.Key.Length == 0) =>
                throw new FormatException("printed only one of certificate and key"),
            _ => status,
        };
    }

    private static ExecCredentialStatus? ReadStatus(ref Utf8JsonReader reader)
    {
        if (!JsonRead.EnterObject(ref reader))
        {
            return null;
        }

        var status = new ExecCredentialStatus("", "", "", null);
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "token":
                    status = status with { Token = JsonRead.String(ref reader) ?? "" };
                    break;
                case "clientCertificateData":
                    status = status with { Certificate = JsonRead.String(ref reader) ?? "" };
                    break;
                case "clientKeyData":
                    status = status with { Key = JsonRead.String(ref reader) ?? "" };
                    break;
                case "expirationTimestamp":
                    status = status with { Expires = JsonRead.Time(ref reader) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return status;
    }
}
