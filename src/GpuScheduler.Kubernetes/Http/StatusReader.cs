using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Turns a refusal (an HTTP answer, or the object of a watch ERROR event) into an <see cref="ApiStatus"/>.</summary>
internal static class StatusReader
{
    private const int MaxPlainTextChars = 500;

    /// <summary>Reads an HTTP refusal. Proxies and the API server's own filters answer in plain text: that becomes the message.</summary>
    public static ApiStatus FromResponse(int code, HttpResponseHeaders headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var status = TryRead(body) is { } read
            ? read with { Outcome = ApiOutcome.Refused, Code = code, Reason = read.Reason.Length > 0 ? read.Reason : ReasonOf(code) }
            : new ApiStatus(ApiOutcome.Refused, code, ReasonOf(code), PlainText(body));
        return RetryAfter(headers, now) is { } wait ? status with { RetryAfter = wait } : status;
    }

    /// <summary>Reads a <c>Status</c> object; null when the bytes are none.</summary>
    public static ApiStatus? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ModelContext.Default.V1Status) is { Kind: "Status" } status ? FromModel(status) : null;
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            return null;
        }
    }

    private static ApiStatus FromModel(V1Status model) =>
        new(ApiOutcome.Refused, model.Code ?? 0, model.Reason ?? "", model.Message ?? "")
        {
            RetryAfter = model.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            Causes = [.. (model.Details?.Causes ?? []).Select(c => new ApiStatusCause(c.Reason ?? "", c.Message ?? "", c.Field ?? ""))],
        };

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers, DateTimeOffset now) => headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > now ? date - now : TimeSpan.Zero,
        _ => null,
    };

    private static string PlainText(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body).Trim();
        return text.Length <= MaxPlainTextChars ? text : string.Concat(text.AsSpan(0, MaxPlainTextChars), "...");
    }

    private static string ReasonOf(int code) => code switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Gone",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    };
}
