using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GpuScheduler.Server.Tests.Metrics;

/// <summary>
/// A collector as far as an exporter can tell: takes metrics and traces by gRPC (HTTP/2 without TLS) or as protobuf over HTTP, and keeps them as
/// they came. Fields are those of <c>opentelemetry-proto</c>, collector/metrics/v1 and collector/trace/v1.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const string Grpc = "application/grpc";
    private const int GrpcPrefix = 5;

    private readonly WebApplication _app;
    private readonly Channel<(string Signal, byte[] Message)> _received = Channel.CreateUnbounded<(string, byte[])>();
    private readonly ConcurrentDictionary<string, byte> _contentTypes = [];

    private OtlpReceiver(bool isGrpc)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>How messages came.</summary>
    public IEnumerable<string> ContentTypes => _contentTypes.Keys;

    public static async Task<OtlpReceiver> StartAsync(bool isGrpc)
    {
        var receiver = new OtlpReceiver(isGrpc);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until a metric and a span of these names have come; whose they are (<c>service.name</c>).</summary>
    public async Task<IReadOnlyList<string>> WaitForAsync(string metric, string span, CancellationToken cancellation)
    {
        var services = new List<string>();
        var (hasMetric, hasSpan) = (false, false);
        await foreach (var (signal, message) in _received.Reader.ReadAllAsync(cancellation))
        {
            // resource_* (1) / scope_* (2) / metrics or spans (2) / name (1 of a Metric, 5 of a Span)
            var isMetrics = signal == "metrics";
            var found = Texts(message, 1, 2, 2, isMetrics ? 1 : 5).Contains(isMetrics ? metric : span);
            (hasMetric, hasSpan) = (hasMetric || (isMetrics && found), hasSpan || (!isMetrics && found));
            if (found) services.Add(ServiceOf(message));
            if (hasMetric && hasSpan) return services;
        }

        throw new InvalidOperationException("the channel never ends");
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var isGrpc = context.Request.ContentType == Grpc;
        var message = isGrpc ? body.ToArray()[GrpcPrefix..] : body.ToArray();
        if (isGrpc) Assert.Equal(message.Length, BinaryPrimitives.ReadInt32BigEndian(body.ToArray().AsSpan(1)));
        _contentTypes.TryAdd(context.Request.ContentType!, 0);
        var path = context.Request.Path.Value!;
        await _received.Writer.WriteAsync((path is "/v1/metrics" || path.Contains("MetricsService", StringComparison.Ordinal) ? "metrics" : "traces", message), context.RequestAborted);
        context.Response.ContentType = context.Request.ContentType;
        if (!isGrpc) return;
        await context.Response.Body.WriteAsync(new byte[GrpcPrefix], context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static string ServiceOf(byte[] message)
    {
        // resource_* (1) / resource (1) / attributes (1): key (1) and value (2), a string (1)
        var attribute = Fields(message, 1, 1, 1).Single(pair => Texts(pair, 1).Single() == "service.name");
        return Texts(attribute, 2, 1).Single();
    }

    private static IEnumerable<string> Texts(ReadOnlyMemory<byte> message, params int[] path) => Fields(message, path).Select(field => Encoding.UTF8.GetString(field.Span));

    /// <summary>The length-delimited fields at the end of a path of field numbers.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, params int[] path)
    {
        IEnumerable<ReadOnlyMemory<byte>> found = [message];
        foreach (var number in path) found = found.SelectMany(inner => Fields(inner, number)).ToList();
        return found;
    }

    private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;
        var found = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < message.Length;)
        {
            var tag = ReadVarint(message.Span, ref at);
            switch ((int)(tag & 7))
            {
                case Varint:
                    ReadVarint(message.Span, ref at);
                    break;
                case Fixed64:
                    at += sizeof(long);
                    break;
                case Fixed32:
                    at += sizeof(int);
                    break;
                case Delimited:
                    var length = (int)ReadVarint(message.Span, ref at);
                    if ((int)(tag >> 3) == number) found.Add(message.Slice(at, length));
                    at += length;
                    break;
                default:
                    throw new FormatException($"no protobuf: wire type {tag & 7} at {at}");
            }
        }

        return found;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }
}
