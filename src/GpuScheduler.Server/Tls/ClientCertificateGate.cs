using GpuScheduler.Extender;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Tls;

/// <summary>
/// Lets only callers with a good certificate to the verbs, the one part of the service that changes anything. It goes by the endpoint that
/// routing has found, so that no spelling of a path and no further prefix leads past it. The certificate was judged when the connection began.
/// </summary>
internal static class ClientCertificateGate
{
    /// <summary>Adds it in front of all endpoints.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ExtenderEndpoint>() is null) return next(context);
        var certificate = context.Features.Get<ClientCertificate>();
        return certificate is { Refusal: null } ? next(context) : RefuseAsync(context, certificate);
    });

    private static Task RefuseAsync(HttpContext context, ClientCertificate? certificate) => HttpAnswers.WriteError(
        context, StatusCodes.Status403Forbidden,
        $"{context.Request.Path} takes calls only with a client certificate of an authority in tls.clientCaFile: "
        + $"{certificate?.Refusal ?? "this connection has no TLS, call the https address"}. "
        + "In kube-scheduler's extender configuration, set tlsConfig.certFile and keyFile");
}
