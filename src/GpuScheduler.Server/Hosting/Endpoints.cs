using GpuScheduler.Extender;
using GpuScheduler.Server.Access;
using GpuScheduler.Server.Dashboard;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Metrics;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using GpuScheduler.Server.Tls;

namespace GpuScheduler.Server.Hosting;

/// <summary>What the service answers, and who guards it.</summary>
internal static class Endpoints
{
    /// <summary>Adds the guards, outermost first, and all endpoints.</summary>
    /// <exception cref="TokenFileException">The file of tokens cannot be used.</exception>
    /// <exception cref="ClusterSourceException">There is no API server to review tokens.</exception>
    public static void Use(WebApplication app, GpuSchedulerOptions options, IClusterSource source)
    {
        app.UseUnknownVerbs(options.Extender.Path);
        app.UseUnknownVerbs(GpuShareEndpoints.Prefix);
        RoutingWords.Use(app);
        if (options.Server.ApiUrls.Count > 0) PortRole.Use(app);
        app.UseWhen(context => !BriefEndpoints.Include(context), reads =>
        {
            SocketThreads.Leave(reads);
            if (options.Server.ReadsPerSecond > 0) ReadLimit.Use(reads);
        });
        if (options.Tls.ClientCaFile.Length > 0) new ClientCertificateGate(app.Services.GetRequiredService<ReloadingTls>()).Use(app);
        AccessComposition.Create(app.Services)?.Use(app);
        new ReadinessGate(source, options.Extender.Path).Use(app);
        new ReadinessGate(source, GpuShareEndpoints.Prefix).Use(app);

        var read = app.Services.GetRequiredService<ReadEndpoints>();
        read.Map(app);
        app.Services.GetRequiredService<DashboardEndpoints>().Map(app, read.Landing);
        app.Services.GetRequiredService<RuntimeEndpoint>().Map(app);
        app.Services.GetRequiredService<MetricsEndpoint>().Map(app);
        app.Services.GetRequiredService<ExplainEndpoints>().Map(app);
        app.MapExtender(options.Extender.Path);
        app.Services.GetRequiredService<GpuShareEndpoints>().Map(app, options.Extender.Path);
    }
}
