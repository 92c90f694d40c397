using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>Whole answers: objects, Status objects, and scripted failures.</summary>
internal static class Answers
{
    public static byte[] Status(int code, string reason, string message, int? retryAfterSeconds = null)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = code < 400 ? "Success" : "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["code"] = code,
        };
        if (retryAfterSeconds is { } seconds)
        {
            status["details"] = new JsonObject { ["retryAfterSeconds"] = seconds };
        }

        return ObjectStore.Bytes(status);
    }

    public static async Task SendAsync(HttpContext context, int code, byte[] body, Fault? fault = null)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await new BodyWriter(context, fault).WriteAsync(body);
    }

    public static async Task FailAsync(HttpContext context, Fault fault)
    {
        if (fault.Reset)
        {
            context.Abort();
            return;
        }

        var code = fault.Code!.Value;
        if (fault.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (!fault.IsPlainText)
        {
            await SendAsync(context, code, Status(code, fault.Reason, fault.Message, fault.RetryAfterSeconds));
            return;
        }

        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(fault.Message);
    }
}
