using GpuScheduler.Extender;
using GpuScheduler.Server.Http;
using Microsoft.AspNetCore.Connections.Features;

namespace GpuScheduler.Server.Tls;

/// <summary>
/// Lets only callers with a good certificate to the verbs, the one part of the service that changes anything. It goes by the endpoint that
/// routing has found, so that no spelling of a path and no further prefix leads past it. The certificate was judged when the connection began; a
/// judgement by authorities that have been replaced since ends with its connection.
/// </summary>
/// <param name="tls">The authorities in force.</param>
internal sealed class ClientCertificateGate(ReloadingTls tls)
{
    /// <summary>Adds it in front of all endpoints.</summary>
    public void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ExtenderEndpoint>() is null) return next(context);
        var certificate = context.Features.Get<ClientCertificate>();
        if (certificate is null) return RefuseAsync(context, "this connection has no TLS, call the https address");
        if (ReferenceEquals(certificate.Authorities, tls.Latest.ClientAuthorities))
        {
            return certificate.Refusal is null ? next(context) : RefuseAsync(context, certificate.Refusal);
        }

        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        return RefuseAsync(context, "the authorities have changed since this connection began, connect anew");
    });

    private static Task RefuseAsync(HttpContext context, string reason) => HttpAnswers.WriteError(
        context, StatusCodes.Status403Forbidden,
        $"{context.Request.Path} takes calls only with a client certificate of an authority in tls.clientCaFile: {reason}. "
        + "In kube-scheduler's extender configuration, set tlsConfig.certFile and keyFile");
}
