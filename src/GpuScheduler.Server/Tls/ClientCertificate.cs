using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Server.Tls;

/// <summary>What the certificate shown at the beginning of a connection says of the caller: a feature of the connection, so that no request looks again.</summary>
/// <param name="Refusal">Why it may not call the verbs; null when it may.</param>
/// <param name="Authorities">The authorities by which it was judged.</param>
internal sealed record ClientCertificate(string? Refusal, X509Certificate2Collection Authorities)
{
    private const string CommonName = "2.5.4.3";

    /// <summary>Judges a certificate.</summary>
    /// <param name="certificate">What was shown; null for nothing.</param>
    /// <param name="chainProblem">Why its chain does not lead to an authority of ours; null when it does.</param>
    /// <param name="authorities">The authorities.</param>
    /// <param name="names">Common names and DNS names that may call; none for any.</param>
    public static ClientCertificate Judge(X509Certificate2? certificate, string? chainProblem, X509Certificate2Collection authorities, IReadOnlyList<string> names) =>
        new(RefusalOf(certificate, chainProblem, names), authorities);

    private static string? RefusalOf(X509Certificate2? certificate, string? chainProblem, IReadOnlyList<string> names)
    {
        if (certificate is null) return "no client certificate was shown";
        if (chainProblem is not null) return $"the client certificate {certificate.Subject} is not trusted: {chainProblem}";
        return names.Count == 0 || NamesOf(certificate).Any(names.Contains)
            ? null
            : $"the client certificate {certificate.Subject} has none of the names in tls.clientNames";
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonName && part.GetSingleElementValue() is { } name) yield return name;
        }

        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (var name in extension.EnumerateDnsNames()) yield return name;
        }
    }
}
