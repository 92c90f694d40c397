using System.Net;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GpuScheduler.Server.Hosting;

/// <summary>The addresses the service listens on.</summary>
internal static class Listeners
{
    /// <summary>Adds one.</summary>
    /// <param name="kestrel">Gets it.</param>
    /// <param name="url">An http or https URL of an IP address or of localhost.</param>
    /// <param name="role">What it answers.</param>
    /// <param name="share">Limits its connections; null where only <c>server.maxConnections</c> does.</param>
    public static void Add(KestrelServerOptions kestrel, Uri url, PortRole role, ConnectionShare? share = null)
    {
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)) kestrel.Listen(address, url.Port, Configure);
        else kestrel.ListenLocalhost(url.Port, Configure);

        void Configure(ListenOptions listen)
        {
            if (share is not null) listen.Use(share.Admit);
            listen.Use(next => connection =>
            {
                connection.Features.Set(role);
                return next(connection);
            });
            if (url.Scheme == Uri.UriSchemeHttps) listen.UseHttps(kestrel.ApplicationServices.GetRequiredService<TlsHandshakes>().Callback);
        }
    }
}
