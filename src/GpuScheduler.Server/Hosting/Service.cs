using System.Net.Sockets;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Commands;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace GpuScheduler.Server.Hosting;

/// <summary>The composition root: puts the parts together as the options say, runs them, and takes them down in order.</summary>
internal static class Service
{
    /// <summary>Serves until it is told to stop; the exit code.</summary>
    /// <param name="options">Options, already checked.</param>
    /// <param name="output">Where the greeting goes.</param>
    /// <param name="stop">Stops it, as SIGTERM and Ctrl+C do.</param>
    public static async Task<int> RunAsync(GpuSchedulerOptions options, TextWriter output, CancellationToken stop)
    {
        // An empty builder reads no appsettings.json and no ASPNETCORE_ variables: the options are the only say, and starting is quicker.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gpu-scheduler" });
        AddLogging(builder.Logging, options.Logging);
        ConfigureServer(builder, options);
        var catalog = new GpuResourceCatalog(options.Resources.Gpus);
        var store = new SnapshotStore();

        await using var app = builder.Build();
        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        var ledger = new ClusterLedger(new LedgerOptions
        {
            Catalog = catalog,
            Levels = options.Topology.Levels.Count > 0 ? new TopologyLevels(options.Topology.Levels) : TopologyLevels.FromPresets(options.Topology.Presets),
            AssumedLifetime = options.Cluster.AssumedLifetime,
        });
        await using var pump = new ClusterPump(ledger, store, TimeProvider.System, logs.CreateLogger<ClusterPump>());
        try
        {
            var source = ClusterSources.Create(options, catalog, pump, logs);
            new ReadEndpoints(store, source, new NodeBodies(catalog), options.Extender.Path).Map(app);

            var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, app.Lifetime.ApplicationStopping);
            var feeding = source.RunAsync(synced.SetResult, stopping.Token);
            await app.StartAsync(stop);
            var ended = await Task.WhenAny(synced.Task, feeding);
            if (ended == feeding) await feeding;
            output.Write(Greeting.Compose(source.Description, [.. app.Urls], options.Extender.Path, store.Current));
            output.Flush();

            await Task.WhenAny(app.WaitForShutdownAsync(stop), FailureOf(feeding));
            await stopping.CancelAsync();
            await app.StopAsync(CancellationToken.None);
            await IgnoreCancellation(feeding);
            return ExitCode.Success;
        }
        catch (ClusterSourceException problem)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
        }
        catch (IOException problem) when (problem.InnerException is AddressInUseException || problem.InnerException is SocketException)
        {
            Console.Error.WriteLine($"error: {problem.Message} Stop what listens there, or choose another address with --urls (port 0 takes a free one).");
        }
        catch (SocketException problem)
        {
            Console.Error.WriteLine($"error: cannot listen on {string.Join(", ", options.Server.Urls)}: {problem.Message}. Choose another address with --urls.");
        }

        return ExitCode.Failed;
    }

    private static void ConfigureServer(WebApplicationBuilder builder, GpuSchedulerOptions options)
    {
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.ShutdownTimeout);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls([.. options.Server.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.Server.MaxBodyMiB * 1024L * 1024;
            kestrel.Limits.MaxConcurrentConnections = options.Server.MaxConnections;
            kestrel.Limits.KeepAliveTimeout = options.Server.KeepAlive;
        });
    }

    private static void AddLogging(ILoggingBuilder logging, LoggingSection options)
    {
        logging.SetMinimumLevel(options.Level);
        // The framework tells of every request and start-up step at Information; what matters to an operator, we tell ourselves.
        logging.AddFilter("Microsoft", options.Level > LogLevel.Debug ? LogLevel.Warning : options.Level);
        if (options.Format == LogFormat.Json) logging.AddJsonConsole(format => format.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ");
        else logging.AddSimpleConsole(format => format.SingleLine = true);
        logging.Services.Configure<SimpleConsoleFormatterOptions>(format => (format.TimestampFormat, format.UseUtcTimestamp) = ("HH:mm:ss.fff ", true));
        logging.Services.Configure<JsonConsoleFormatterOptions>(format => format.UseUtcTimestamp = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>Ends only when the source fails.</summary>
    private static async Task FailureOf(Task feeding)
    {
        await feeding;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
    }

    private static async Task IgnoreCancellation(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
        }
    }
}
