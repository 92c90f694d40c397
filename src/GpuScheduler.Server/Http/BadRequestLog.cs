using System.Diagnostics;
using GpuScheduler.Server.Options;
using Microsoft.AspNetCore.Http.Features;

namespace GpuScheduler.Server.Http;

/// <summary>
/// Tells of requests that Kestrel refuses itself, before any of our code: too many or too long headers (431), a line too long (414), nonsense
/// (400). Its answer has no body and cannot be given one, so the log is where the reason stands. What the caller sent is not logged, there may
/// be a token in it; and of many refusals one a second is.
/// </summary>
internal sealed partial class BadRequestLog : IObserver<KeyValuePair<string, object?>>, IDisposable
{
    /// <summary>The event of ASP.NET Core's DiagnosticListener (Diagnostics in Kestrel, learn.microsoft.com).</summary>
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ServerSection _options;
    private readonly TimeProvider _time;
    private readonly ILogger<BadRequestLog> _logger;
    private readonly IDisposable _subscription;
    private long _toldAt;
    private long _untold;

    /// <summary>Begins to listen.</summary>
    public BadRequestLog(DiagnosticListener diagnostics, GpuSchedulerOptions options, TimeProvider time, ILogger<BadRequestLog> logger)
    {
        (_options, _time, _logger) = (options.Server, time, logger);
        _toldAt = time.GetTimestamp() - (long)(Interval.TotalSeconds * time.TimestampFrequency);
        _subscription = diagnostics.Subscribe(this, name => name == Event);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if ((value.Value as IFeatureCollection)?.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException problem) return;
        var (last, now) = (Interlocked.Read(ref _toldAt), _time.GetTimestamp());
        if (_time.GetElapsedTime(last, now) < Interval || Interlocked.CompareExchange(ref _toldAt, now, last) != last)
        {
            Interlocked.Increment(ref _untold);
            return;
        }

        LogRefused(problem.StatusCode, ReasonOf(problem.StatusCode), Interlocked.Exchange(ref _untold, 0));
    }

    public void OnCompleted()
    {
        // The process ends.
    }

    public void OnError(Exception error)
    {
        // Nobody sends one.
    }

    public void Dispose() => _subscription.Dispose();

    private string ReasonOf(int status) => status switch
    {
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            $"more than {_options.MaxHeaders} headers (server.maxHeaders) or more than {_options.MaxHeaderKiB} KiB of them (server.maxHeaderKiB)",
        StatusCodes.Status414UriTooLong => "the request line is longer than 8 KiB",
        StatusCodes.Status408RequestTimeout => "it came too slowly",
        _ => "it is no HTTP, or https where http is spoken",
    };

    [LoggerMessage(1, LogLevel.Warning, "A request was answered {Status}: {Reason} ({Untold} more since the last such line)")]
    private partial void LogRefused(int status, string reason, long untold);
}
