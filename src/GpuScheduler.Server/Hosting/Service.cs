using System.Net.Sockets;
using GpuScheduler.Cluster.Auditing;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Access;
using GpuScheduler.Server.Commands;
using GpuScheduler.Server.Dashboard;
using GpuScheduler.Server.Demo;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using GpuScheduler.Server.Tls;
using Microsoft.AspNetCore.Connections;

namespace GpuScheduler.Server.Hosting;

/// <summary>Runs the service from its start to its end.</summary>
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
        var (geometries, problems) = MigGeometryFile.Read(options.Resources.MigGeometries);
        foreach (var problem in problems) Console.Error.WriteLine($"error: {problem}");
        if (problems.Count > 0) return ExitCode.Usage;
        Composition.Add(builder, options, geometries);
        try
        {
            await using var app = builder.Build();
            // Read before anything starts: without certificates there is nothing to serve.
            if (options.Tls.CertificateFile.Length > 0) app.Services.GetRequiredService<ReloadingTls>();
            using var collector = BackgroundCollector.OfThisProcess(TimeProvider.System);
            await ServeAsync(app, options, output, stop);
            return ExitCode.Success;
        }
        catch (TlsFileException problem)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
        }
        catch (TokenFileException problem)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
        }
        catch (ClusterSourceException problem)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
        }
        catch (Exception problem) when (problem is SocketException or IOException { InnerException: AddressInUseException or SocketException })
        {
            Console.Error.WriteLine(
                $"error: cannot listen on {string.Join(", ", options.Server.Urls.Concat(options.Server.ApiUrls))}: {problem.Message.TrimEnd('.')}. "
                + "Stop what listens there, or choose another address with --urls (port 0 takes a free one).");
        }

        return ExitCode.Failed;
    }

    private static async Task ServeAsync(WebApplication app, GpuSchedulerOptions options, TextWriter output, CancellationToken stop)
    {
        var source = app.Services.GetRequiredService<IClusterSource>();
        app.Services.GetRequiredService<BadRequestLog>();
        Endpoints.Use(app, options, source);

        // The cluster is loaded while the server starts: until it is there, /readyz says why not.
        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, app.Lifetime.ApplicationStopping);
        var feeding = source.RunAsync(synced.SetResult, stopping.Token);
        List<Task> running =
        [
            feeding,
            app.Services.GetRequiredService<Auditor>().RunAsync(stopping.Token),
            app.Services.GetRequiredService<GangReserver>().RunAsync(stopping.Token),
            app.Services.GetRequiredService<Trend>().RunAsync(stopping.Token),
        ];
        try
        {
            await app.StartAsync(stop);
            var stopped = app.WaitForShutdownAsync(stop);
            await Task.WhenAny(synced.Task, feeding, stopped);
            if (synced.Task.IsCompleted)
            {
                // The server takes its addresses in the order in which they were added.
                var urls = app.Urls.ToList();
                var apiUrl = options.Server.ApiUrls.Count > 0 ? urls[options.Server.Urls.Count] : urls[0];
                output.Write(Greeting.Compose(source.Description, urls, apiUrl, options.Extender.Path, app.Services.GetRequiredService<SnapshotStore>().Current, options.Access.IsRestricted));
                output.Flush();
                var verbs = new Uri($"{Greeting.Reachable(urls[0])}{options.Extender.Path}/");
                if (options.Cluster.Demo) running.Add(app.Services.GetRequiredService<DemoWorkload>().RunAsync(verbs, stopping.Token));
            }

            // A source may end because it has said all; it must not end because it failed.
            await Task.WhenAny(stopped, FailureOf(feeding));
            await stopping.CancelAsync();
            await app.StopAsync(CancellationToken.None);
        }
        finally
        {
            // Also when the server could not start: nothing may run on beside services that are taken down.
            await stopping.CancelAsync();
            foreach (var task in running) await CompletionOf(task);
        }
    }

    /// <summary>Ends only when the task fails.</summary>
    private static async Task FailureOf(Task task)
    {
        await task;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
    }

    private static async Task CompletionOf(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
    }
}
