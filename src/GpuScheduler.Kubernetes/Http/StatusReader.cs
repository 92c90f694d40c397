using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

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
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Read(ref reader) : null;
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            return null;
        }
    }

    private static ApiStatus? Read(ref Utf8JsonReader reader)
    {
        var isStatus = false;
        var status = new ApiStatus(ApiOutcome.Refused, 0, "", "");
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "kind":
                    isStatus = JsonRead.String(ref reader) == "Status";
                    break;
                case "code":
                    status = status with { Code = JsonRead.Int32(ref reader) ?? 0 };
                    break;
                case "reason":
                    status = status with { Reason = JsonRead.String(ref reader) ?? "" };
                    break;
                case "message":
                    status = status with { Message = JsonRead.String(ref reader) ?? "" };
                    break;
                case "details":
                    ReadDetails(ref reader, ref status);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return isStatus ? status : null;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref ApiStatus status)
    {
        if (!JsonRead.EnterObject(ref reader))
        {
            return;
        }

        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            if (name == "retryAfterSeconds")
            {
                status = JsonRead.Int32(ref reader) is { } seconds and > 0
                    ? status with { RetryAfter = TimeSpan.FromSeconds(seconds) }
                    : status;
            }
            else if (name == "causes" && reader.TokenType == JsonTokenType.StartArray)
            {
                status = status with { Causes = ReadCauses(ref reader) };
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static List<ApiStatusCause> ReadCauses(ref Utf8JsonReader reader)
    {
        var causes = new List<ApiStatusCause>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var cause = new ApiStatusCause("", "", "");
            while (JsonRead.NextMember(ref reader))
            {
                var name = reader.GetString();
                reader.Read();
                cause = name switch
                {
                    "reason" => cause with { Reason = JsonRead.String(ref reader) ?? "" },
                    "message" => cause with { Message = JsonRead.String(ref reader) ?? "" },
                    "field" => cause with { Field = JsonRead.String(ref reader) ?? "" },
                    _ => Skip(ref reader, cause),
                };
            }

            causes.Add(cause);
        }

        return causes;
    }

    private static ApiStatusCause Skip(ref Utf8JsonReader reader, ApiStatusCause cause)
    {
        reader.Skip();
        return cause;
    }

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
