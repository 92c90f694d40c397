using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Tls;

/// <summary>
/// Lets only callers with a good certificate to the verbs, the one part of the service that changes anything. It is put around the
/// endpoints themselves, so that no spelling of a path leads past it. The certificate was judged when the connection began.
/// </summary>
internal static class ClientCertificateGate
{
    /// <summary>Puts it around the verbs.</summary>
    public static void Guard(IEndpointConventionBuilder verbs) => verbs.Add(endpoint =>
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            var certificate = context.Features.Get<ClientCertificate>();
            return certificate is { Refusal: null } ? inner(context) : RefuseAsync(context, certificate);
        };
    });

    private static Task RefuseAsync(HttpContext context, ClientCertificate? certificate) => HttpAnswers.WriteError(
        context, StatusCodes.Status403Forbidden,
        $"{context.Request.Path} takes calls only with a client certificate of an authority in tls.clientCaFile: "
        + $"{certificate?.Refusal ?? "this connection has no TLS, call the https address"}. "
        + "In kube-scheduler's extender configuration, set tlsConfig.certFile and keyFile");
}
