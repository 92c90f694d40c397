using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>
/// The least that answering over HTTP can cost here: Kestrel without routing, reading the whole body and writing an answer prepared
/// beforehand. <c>PUT</c> prepares the answer to <c>POST</c> of the same path.
/// </summary>
internal static class FloorServer
{
    /// <summary>Serves until it is told to stop.</summary>
    /// <param name="urls">Where.</param>
    /// <param name="isInline">Answers on the threads of the sockets, as the service does, instead of as Kestrel comes.</param>
    /// <param name="stop">Tells it to stop.</param>
    public static async Task<int> RunAsync(string urls, bool isInline, CancellationToken stop)
    {
        if (isInline) Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        var answers = new ConcurrentDictionary<string, byte[]>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "floor" });
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = isInline);
        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
        });
        await using var app = builder.Build();
        app.Run(context => HttpMethods.IsPut(context.Request.Method) ? PrepareAsync(context, answers) : AnswerAsync(context, answers));
        await app.StartAsync(stop);
        Console.WriteLine($"{ServerProcess.ListeningPrefix}{app.Urls.First()}");
        await app.WaitForShutdownAsync(stop);
        return 0;
    }

    private static async Task PrepareAsync(HttpContext context, ConcurrentDictionary<string, byte[]> answers)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        answers[context.Request.Path.Value!] = body.ToArray();
    }

    private static async Task AnswerAsync(HttpContext context, ConcurrentDictionary<string, byte[]> answers)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }

        var answer = answers[context.Request.Path.Value!];
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }
}
