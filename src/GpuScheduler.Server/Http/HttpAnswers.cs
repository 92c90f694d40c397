using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuScheduler.Server.Http;

/// <summary>How answers are written.</summary>
internal static class HttpAnswers
{
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>The bodies. Leaves quotes and the like readable: the answers are never put into HTML.</summary>
    public static ApiJson Json { get; } =
        new(new JsonSerializerOptions(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes plain text.</summary>
    public static Task WriteText(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Text;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>Writes what went wrong.</summary>
    public static Task WriteError(HttpContext context, int status, string error) => WriteJson(context, status, new ErrorBody(error), Json.ErrorBody);

    /// <summary>Writes a body.</summary>
    public static Task WriteJson<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.BodyWriter, body, type, context.RequestAborted);
    }
}
