using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace GpuScheduler.Server.Hosting;

/// <summary>Which parts the service is made of, as the options say.</summary>
internal static class Composition
{
    /// <summary>Adds all parts.</summary>
    public static void Add(WebApplicationBuilder builder, GpuSchedulerOptions options)
    {
        AddLogging(builder.Logging, options.Logging);
        AddServer(builder, options);
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new GpuResourceCatalog(options.Resources.Gpus));
        services.AddSingleton(provider => WithScoring(provider, new LedgerOptions
        {
            Catalog = provider.GetRequiredService<GpuResourceCatalog>(),
            Levels = options.Topology.Levels.Count > 0 ? new TopologyLevels(options.Topology.Levels) : TopologyLevels.FromPresets(options.Topology.Presets),
            AssumedLifetime = options.Cluster.AssumedLifetime,
        }));
        AddScoring(services, options.Scoring);
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<ClusterLedger>();
        services.AddSingleton<ClusterPump>();
        services.AddSingleton(ClusterSources.Create);
        services.AddSingleton(provider => provider.GetRequiredService<IClusterSource>().Binder);
        services.AddSingleton<SchedulerPeer>();
        services.AddSingleton(new ExtenderOptions
        {
            MaxBodyBytes = options.Server.MaxBodyMiB * 1024 * 1024,
            ReportExtenderOnlyAsResolvable = options.Extender.ReportExtenderOnlyAsResolvable,
            Shortlist = options.Extender.Shortlist,
            RememberedShapes = options.Extender.RememberedShapes,
            RememberedPods = options.Extender.RememberedPods,
        });
        services.AddSingleton<ExtenderVerbs>();
        services.AddSingleton<NodeBodies>();
        services.AddSingleton<ReadEndpoints>();
        services.AddSingleton<Gen2Pauses>();
        services.AddSingleton<RuntimeEndpoint>();
        AddExplaining(services);
    }

    private static void AddExplaining(IServiceCollection services)
    {
        services.AddSingleton(provider => new PodExplainer(
            provider.GetRequiredService<LedgerOptions>(),
            new ScoringResolver(provider.GetRequiredService<GpuResourceCatalog>()),
            provider.GetRequiredService<IScoringPolicy>().StrategyFor));
        services.AddSingleton<ClusterStates>();
        services.AddSingleton<PodBodies>();
        services.AddSingleton<ExplainBodies>();
        services.AddSingleton<ManifestReader>();
        services.AddSingleton<ExplainEndpoints>();
    }

    /// <summary>A packing policy learns, with the writer's help; every other strategy is what it is.</summary>
    private static void AddScoring(IServiceCollection services, ScoringSection options)
    {
        if (PackingPolicies.Find(options.Strategy) is not { } policy)
        {
            services.AddSingleton<IScoringPolicy>(new SingleStrategy(ScoringStrategies.Create(options)));
            return;
        }

        var learned = new LearnedScoring(policy);
        services.AddSingleton(learned);
        services.AddSingleton<IScoringPolicy>(learned);
        services.AddSingleton<ISnapshotStage>(learned);
    }

    private static LedgerOptions WithScoring(IServiceProvider provider, LedgerOptions options) =>
        provider.GetService<LearnedScoring>() is not { } learned ? options
            : options with { ChooseDevices = learned.ChooseDevices, PodArrived = learned.Arrive, PodDeparted = learned.Depart };

    private static void AddServer(WebApplicationBuilder builder, GpuSchedulerOptions options)
    {
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.ShutdownTimeout);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockPool.Factory>();
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
}
