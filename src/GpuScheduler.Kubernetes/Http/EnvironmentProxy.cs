using System.Net;
using System.Net.Sockets;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY ask for, read as Go programs read them
/// (<c>golang.org/x/net/http/httpproxy</c>). Other than in .NET's own reading, NO_PROXY may hold address ranges: clusters' service
/// addresses are usually excepted by range.
/// </summary>
public sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _https;
    private readonly Uri? _http;
    private readonly List<string> _exceptions;

    /// <summary>Reads the variables once.</summary>
    public EnvironmentProxy(HostEnvironment environment)
    {
        _https = Address(Any(environment, "HTTPS_PROXY", "https_proxy"));
        _http = Address(Any(environment, "HTTP_PROXY", "http_proxy"));
        _exceptions = [.. (Any(environment, "NO_PROXY", "no_proxy") ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(e => e.ToLowerInvariant())];
    }

    /// <summary>Credentials inside the proxy's address, if any. The setter belongs to the interface and does nothing.</summary>
    public ICredentials? Credentials
    {
        get => CredentialsIn(_https) ?? CredentialsIn(_http);
        set { }
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host)
    {
        if (GetProxy(host) is null)
        {
            return true;
        }

        var name = host.IdnHost.ToLowerInvariant();
        var address = IPAddress.TryParse(name, out var parsed) ? parsed : null;
        return name == "localhost"
            || (address is not null && IPAddress.IsLoopback(address))
            || _exceptions.Exists(e => e == "*" || Matches(e, name, address, host.Port));
    }

    /// <summary>User name and password inside a proxy's address; null for none.</summary>
    internal static ICredentials? CredentialsIn(Uri? proxy)
    {
        if (proxy is null || proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private static bool Matches(string exception, string name, IPAddress? address, int port)
    {
        if (IPNetwork.TryParse(exception, out var range))
        {
            return address is not null && range.BaseAddress.AddressFamily == address.AddressFamily && range.Contains(address);
        }

        if (IPAddress.TryParse(exception, out var excepted) && !IsHostAndPort(exception, excepted))
        {
            return excepted.Equals(address);
        }

        var colon = exception.LastIndexOf(':');
        if (colon > 0 && int.TryParse(exception.AsSpan(colon + 1), out var onlyPort))
        {
            return port == onlyPort && Matches(exception[..colon].Trim('[', ']'), name, address, port);
        }

        // "example.com" means itself and everything below it, ".example.com" and "*.example.com" only what is below
        var suffix = exception.StartsWith("*.", StringComparison.Ordinal) ? exception[1..] : exception;
        return suffix.StartsWith('.')
            ? name.EndsWith(suffix, StringComparison.Ordinal)
            : name == suffix || name.EndsWith("." + suffix, StringComparison.Ordinal);
    }

    // IPAddress.TryParse takes "[::1]:443" for an address
    private static bool IsHostAndPort(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && text.StartsWith('[');

    private static string? Any(HostEnvironment environment, string upper, string lower) =>
        environment.Variable(upper) is { Length: > 0 } value ? value : environment.Variable(lower);

    private static Uri? Address(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(full, UriKind.Absolute, out var uri) ? uri : null;
    }
}
