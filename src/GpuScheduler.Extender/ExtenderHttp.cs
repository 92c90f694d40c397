using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuScheduler.Extender.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace GpuScheduler.Extender;

/// <summary>
/// One verb over HTTP. kube-scheduler takes status 200 alone (<c>pkg/scheduler/extender.go</c>, <c>send</c>), so whatever it should see is
/// a 200; other statuses are for people who call with something else. The length of the answer is always given, so that the connection is
/// used again.
/// </summary>
internal sealed class ExtenderHttp(ExtenderVerbs verbs, ExtenderVerb verb)
{
    private const string Json = "application/json";

    /// <summary>Leaves quotes as they are: people see refusals in a terminal, never in HTML.</summary>
    private static readonly ExtenderJson Readable = new(new JsonSerializerOptions(ExtenderJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The path of a verb under the prefix.</summary>
    public static string PathOf(ExtenderVerb verb) => verb switch
    {
        ExtenderVerb.Filter => "/filter",
        ExtenderVerb.Prioritize => "/prioritize",
        ExtenderVerb.Preempt => "/preempt",
        _ => "/bind",
    };

    public async Task HandleAsync(HttpContext context)
    {
        if (Refusal(context.Request) is var (status, problem))
        {
            if (status == StatusCodes.Status405MethodNotAllowed) context.Response.Headers.Allow = HttpMethods.Post;
            await RefuseAsync(context, status, problem);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        using var activity = ExtenderTracing.Start(verb, context.Request.Headers);
        var call = verbs.Rent(verb);
        try
        {
            var body = context.Request.BodyReader;
            var read = await ReadAsync(context, body, call);
            try
            {
                if (IsTooLong(context, call.Body.Length)) verbs.AnswerTooLong(verb, call);
                else if (verb == ExtenderVerb.Bind) await verbs.BindAsync(call, context.RequestAborted);
                else verbs.Answer(verb, call);
            }
            finally
            {
                // Up to here the body may be where it was received.
                call.Body.Clear();
                body.AdvanceTo(read);
            }

            if (activity is not null) ExtenderTracing.Describe(activity, call.Notes);
            await verbs.PaceAsync(verb, call, context.RequestAborted);
            await SendAsync(context.Response, call.Answer, context.RequestAborted);
        }
        finally
        {
            verbs.Return(call, verb);
        }
    }

    public static Task RefuseUnknownVerbAsync(HttpContext context) => RefuseAsync(
        context,
        StatusCodes.Status404NotFound,
        $"there is no {context.Request.Path}; the extender answers POST to filter, prioritize, preempt and bind under its prefix");

    /// <summary>Reads the body, or as much of it as may be; up to where.</summary>
    private async ValueTask<SequencePosition> ReadAsync(HttpContext context, PipeReader body, CallBuffers call)
    {
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            var bytes = read.Buffer;
            var isTooLong = IsTooLong(context, call.Body.Length + bytes.Length);

            // Binds may wait for long, and must not hold the blocks that requests are received in.
            if (read.IsCompleted && !isTooLong && verb != ExtenderVerb.Bind && call.Body.TryBorrow(bytes)) return bytes.End;
            if (read.IsCompleted || isTooLong || !bytes.IsSingleSegment)
            {
                call.Body.Append(bytes);
                if (read.IsCompleted && !isTooLong) MakeRoomForNext(context, call.Body.Length);
                if (read.IsCompleted || isTooLong) return bytes.End;
                body.AdvanceTo(bytes.End);
            }
            else
            {
                body.AdvanceTo(bytes.Start, bytes.End);
            }
        }
    }

    /// <summary>This body had to be copied; where it was for its length, the next one need not be.</summary>
    private static void MakeRoomForNext(HttpContext context, int length)
    {
        if (context.Features.Get<IMemoryPoolFeature>()?.MemoryPool is LargeBlockPool pool) pool.MakeRoomFor(length);
    }

    private bool IsTooLong(HttpContext context, long length) => Math.Max(length, context.Request.ContentLength ?? 0) > verbs.Options.MaxBodyBytes;

    /// <summary>Sends the answer, copied only once: to where the system takes it from. Its length goes ahead.</summary>
    private static async ValueTask SendAsync(HttpResponse response, AnswerText answer, CancellationToken cancellationToken)
    {
        response.ContentType = Json;
        response.ContentLength = answer.Length;
        await response.StartAsync(cancellationToken);
        answer.CopyTo(response.BodyWriter.GetSpan(answer.Length));
        response.BodyWriter.Advance(answer.Length);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static (int Status, string Problem)? Refusal(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method)) return (StatusCodes.Status405MethodNotAllowed, $"{request.Path} takes POST, not {request.Method}");
        if (!IsJson(request.ContentType))
        {
            return (StatusCodes.Status415UnsupportedMediaType,
                $"{request.Path} takes JSON, not {request.ContentType}; with curl: -H 'Content-Type: application/json' --data-binary @FILE");
        }

        return request.Headers.TryGetValue(HeaderNames.ContentEncoding, out var encoding) && encoding.Count > 0 && encoding != "identity"
            ? (StatusCodes.Status415UnsupportedMediaType, $"{request.Path} takes JSON as it is, not encoded as {encoding}")
            : null;
    }

    /// <summary>Nothing said counts as JSON.</summary>
    private static bool IsJson(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType)) return true;
        var end = contentType.IndexOf(';');
        var media = (end < 0 ? contentType : contentType.AsSpan(0, end)).Trim();
        return media.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static Task RefuseAsync(HttpContext context, int status, string problem)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new Refused(problem), Readable.Refused);
    }
}
