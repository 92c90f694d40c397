using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// The connections to one API server. A client certificate belongs to a connection, so another certificate means new connections; the old
/// ones end with the calls still using them.
/// </summary>
internal sealed class Transport(ClusterConnection connection, KubernetesApiOptions options) : IDisposable
{
    private const int MaxRetired = 4;

    /// <summary>
    /// What the server may send of one answer before we have read it, as client-go has it (golang.org/x/net/http2, transportDefaultStreamFlow). With .NET's
    /// 64 KiB a watch moves some twenty pods per round trip, and the server cuts off a watch that it cannot get rid of its events to.
    /// </summary>
    private const int StreamWindowBytes = 4 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<HttpMessageInvoker> _retired = [];
    private HttpMessageInvoker? _current;
    private X509Certificate2? _certificate;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Credential credential, CancellationToken cancellationToken) =>
        InvokerFor(credential.ClientCertificate).SendAsync(request, cancellationToken);

    public void Dispose()
    {
        lock (_lock)
        {
            _current?.Dispose();
            while (_retired.TryDequeue(out var retired))
            {
                retired.Dispose();
            }
        }
    }

    private HttpMessageInvoker InvokerFor(X509Certificate2? certificate)
    {
        lock (_lock)
        {
            if (_current is not null && ReferenceEquals(certificate, _certificate))
            {
                return _current;
            }

            if (_current is not null)
            {
                Retire(_current);
            }

            _certificate = certificate;
            _current = new HttpMessageInvoker(CreateHandler(certificate), disposeHandler: true);
            return _current;
        }
    }

    // a watch may outlive its certificate by an hour or so; beyond that many renewals its connections are idle
    private void Retire(HttpMessageInvoker invoker)
    {
        _retired.Enqueue(invoker);
        if (_retired.Count > MaxRetired)
        {
            _retired.Dequeue().Dispose();
        }
    }

    private SocketsHttpHandler CreateHandler(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirect would carry our token elsewhere
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            EnableMultipleHttp2Connections = true, // the server allows a limited number of streams each
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            KeepAlivePingDelay = options.KeepAliveDelay,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            MaxResponseDrainSize = 0, // a watch that we leave has no end to wait for
            ConnectCallback = ConnectAsync,
            SslOptions = TlsOptions(certificate),
            Proxy = connection.Proxy is { } proxy
                ? new WebProxy(proxy) { Credentials = EnvironmentProxy.CredentialsIn(proxy) }
                : new EnvironmentProxy(HostEnvironment.Current),
        };
        return handler;
    }

    private SslClientAuthenticationOptions TlsOptions(X509Certificate2? certificate)
    {
        var tls = new SslClientAuthenticationOptions();
        if (certificate is not null)
        {
            tls.ClientCertificates = [certificate];
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        if (connection.SkipTlsVerify)
        {
#pragma warning disable CA5359, MA0039 // asked for by name in the configuration (insecure-skip-tls-verify)
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (connection.CertificateAuthorities is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck, // cluster authorities publish no lists
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return tls;
    }

    // TCP keep-alive notices a half-open HTTP/1.1 connection, which has no PING of its own
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(options.KeepAliveDelay));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(options.KeepAliveTimeout / 3));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);
}
