using GpuScheduler.Extender;
using GpuScheduler.Server.Http;
using Microsoft.Net.Http.Headers;

namespace GpuScheduler.Server.Access;

/// <summary>
/// Lets only callers with a bearer token read, where tokens are configured. It goes by the endpoint that routing has found: the verbs have
/// certificates instead (<see cref="Tls.ClientCertificateGate"/>), those marked <see cref="PublicEndpoint"/> are open, and everything else is
/// not.
/// </summary>
/// <param name="judges">Who knows tokens, the quickest first; one that accepts is enough.</param>
/// <param name="time">Measures <see cref="LongestAnswer"/>.</param>
internal sealed class AccessGate(IReadOnlyList<ITokenJudge> judges, TimeProvider time)
{
    /// <summary>How long one judgement holds: an event stream ends then, and whoever listens comes again with a token that is still good.</summary>
    public static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(5);

    private const string Scheme = "Bearer";
    private const string Role =
        "Give it a ClusterRole with nonResourceURLs [/api/v1/*, /metrics, /version] and verbs [get]; gpu-scheduler-reader in deploy/components/token-review is one";

    /// <summary>Adds it in front of all endpoints.</summary>
    public void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not { } endpoint || IsOpen(endpoint))
        {
            await next(context);
            return;
        }

        var token = TokenOf(context.Request);
        var decision = token is null ? new(AccessOutcome.NotAccepted) : await JudgeAsync(token, context);
        if (decision.Outcome != AccessOutcome.Allowed)
        {
            await RefuseAsync(context, token is not null, decision);
            return;
        }

        using var limit = new CancellationTokenSource(LongestAnswer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, limit.Token);
        context.RequestAborted = either.Token;
        await next(context);
    });

    private static bool IsOpen(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<PublicEndpoint>() is not null || endpoint.Metadata.GetMetadata<ExtenderEndpoint>() is not null;

    private static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } text || !text.StartsWith(Scheme + ' ', StringComparison.OrdinalIgnoreCase)) return null;
        var token = text[(Scheme.Length + 1)..].Trim();
        return token.Length > 0 ? token : null;
    }

    private async ValueTask<AccessDecision> JudgeAsync(string token, HttpContext context)
    {
        var decision = default(AccessDecision);
        foreach (var judge in judges)
        {
            decision = await judge.JudgeAsync(token, context.Request.Path.Value!, context.RequestAborted);
            if (decision.Outcome == AccessOutcome.Allowed) break;
        }

        return decision;
    }

    private Task RefuseAsync(HttpContext context, bool hasToken, AccessDecision decision)
    {
        var (path, headers) = (context.Request.Path, context.Response.Headers);
        var because = decision.Reason.Length > 0 ? $": {decision.Reason}" : "";
        switch (decision.Outcome)
        {
            case AccessOutcome.Forbidden:
                return HttpAnswers.WriteError(context, StatusCodes.Status403Forbidden, $"{decision.Reason}. {Role}");
            case AccessOutcome.Unknown:
                headers.RetryAfter = "1";
                return HttpAnswers.WriteError(context, StatusCodes.Status503ServiceUnavailable, $"the bearer token cannot be checked just now{because}");
            default:
                headers[HeaderNames.WWWAuthenticate] = $"{Scheme} realm=\"gpu-scheduler\"{(hasToken ? ", error=\"invalid_token\"" : "")}";
                return HttpAnswers.WriteError(
                    context, StatusCodes.Status401Unauthorized,
                    (hasToken ? $"the bearer token is not accepted{because}" : $"{path} needs a bearer token: send the header Authorization: Bearer TOKEN (gpu-scheduler ... --token-file FILE)")
                    + $"; {string.Join(", or ", judges.Select(judge => judge.Advice))}");
        }
    }
}
