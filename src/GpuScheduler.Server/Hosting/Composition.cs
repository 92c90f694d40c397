using System.Diagnostics.Metrics;
using GpuScheduler.Cluster.Auditing;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Extender.Recording;
using GpuScheduler.Server.Dashboard;
using GpuScheduler.Server.Demo;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Metrics;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using GpuScheduler.Server.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;

namespace GpuScheduler.Server.Hosting;

/// <summary>Which parts the service is made of, as the options say.</summary>
internal static class Composition
{
    /// <summary>Adds all parts.</summary>
    /// <param name="builder">Gets them.</param>
    /// <param name="options">The options.</param>
    /// <param name="geometries">The MIG geometries; null for the built-in ones.</param>
    public static void Add(WebApplicationBuilder builder, GpuSchedulerOptions options, MigCatalog? geometries = null)
    {
        AddLogging(builder.Logging, options.Logging);
        AddServer(builder, options);
        var services = builder.Services;
        services.AddSingleton(options);
        AddDomain(services, options, geometries ?? MigCatalog.Default);
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<ClusterPump>();
        services.AddSingleton<NominationPace>();
        if (options.Nomination.HoldFilter) services.AddSingleton<IFilterPace>(provider => provider.GetRequiredService<NominationPace>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GangBarrier>(provider, options.Gangs.BindWait));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GangReserving>(provider, options.Gangs.ReserveAfter));
        services.AddSingleton<GangReserver>();
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
            RememberedCalls = options.Extender.RememberedCalls,
        });
        if (options.Extender.RememberedCalls > 0) services.AddSingleton(new DecisionRing(options.Extender.RememberedCalls, TimeProvider.System));
        services.AddSingleton<ExtenderVerbs>();
        services.AddSingleton<BadRequestLog>();
        AddTelemetry(services, options.Telemetry);
        services.AddSingleton<Auditor>();
        services.AddSingleton<ReadEndpoints>();
        services.AddSingleton<GpuShareEndpoints>();
        services.AddSingleton(provider =>
        {
            var source = provider.GetRequiredService<IClusterSource>();
            return new Gen2Pauses(TimeProvider.System, () => source.IsReady);
        });
        services.AddSingleton<RuntimeEndpoint>();
        AddExplaining(services);
        AddDashboard(services);
    }

    private static void AddDashboard(IServiceCollection services)
    {
        services.AddSingleton<Trend>();
        services.AddSingleton<ClusterNews>();
        services.AddSingleton<ClusterStream>();
        services.AddSingleton<DashboardEndpoints>();
        services.AddSingleton<DemoWorkload>();
    }

    /// <summary>Adds what answers questions about a cluster, wherever its nodes and pods come from.</summary>
    public static void AddDomain(IServiceCollection services, GpuSchedulerOptions options, MigCatalog geometries)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new Meter("GpuScheduler", BuildInfo.Current.Version));
        services.AddSingleton(new GpuResourceCatalog(options.Resources.Gpus));
        services.AddSingleton(geometries);
        services.AddSingleton(provider => WithScoring(provider, new LedgerOptions
        {
            Catalog = provider.GetRequiredService<GpuResourceCatalog>(),
            Levels = options.Topology.Levels.Count > 0 ? new TopologyLevels(options.Topology.Levels) : TopologyLevels.FromPresets(options.Topology.Presets),
            AssumedLifetime = options.Cluster.AssumedLifetime,
            MigCatalog = geometries,
            UnhealthyConditions = options.Health.UnhealthyConditions,
            IsOurs = pod => pod.SchedulerName.Length == 0 || options.Nomination.SchedulerNames.Contains(pod.SchedulerName),
        }));
        AddScoring(services, options.Scoring);
        services.AddSingleton<ClusterLedger>();
        services.AddSingleton<GangPlans>();
        services.AddSingleton<NodeBodies>();
        services.AddSingleton(provider => new PodExplainer(
            provider.GetRequiredService<LedgerOptions>(),
            new ScoringResolver(provider.GetRequiredService<GpuResourceCatalog>()),
            provider.GetRequiredService<IScoringPolicy>().StrategyFor,
            provider.GetRequiredService<GangPlans>()));
        services.AddSingleton<PodBodies>();
        services.AddSingleton<ExplainBodies>();
        services.AddSingleton<ManifestReader>();
    }

    private static void AddExplaining(IServiceCollection services)
    {
        services.AddSingleton<ClusterStates>();
        services.AddSingleton(provider => new DecisionBodies(provider.GetService<DecisionRing>(), provider.GetRequiredService<GpuResourceCatalog>()));
        services.AddSingleton<ExplainEndpoints>();
    }

    /// <summary>A packing policy learns, with the writer's help; every other strategy is what it is.</summary>
    private static void AddScoring(IServiceCollection services, ScoringSection options)
    {
        if (PackingPolicies.Find(options.Strategy) is not { } policy)
        {
            services.AddSingleton<IScoringPolicy>(new ConstrainedScoring(new SingleStrategy(ScoringStrategies.Create(options))));
            return;
        }

        services.AddSingleton<PackingMetrics>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LearnedScoring>(provider, policy));
        services.AddSingleton<IScoringPolicy>(provider => new ConstrainedScoring(provider.GetRequiredService<LearnedScoring>()));
        services.AddSingleton<ISnapshotStage>(provider => provider.GetRequiredService<LearnedScoring>());
    }

    private static void AddTelemetry(IServiceCollection services, TelemetrySection options)
    {
        services.AddSingleton<CallMetrics>();
        services.AddSingleton<IExtenderObserver>(provider => provider.GetRequiredService<CallMetrics>());
        services.AddSingleton<CapacityMetrics>();
        services.AddSingleton(provider =>
        {
            var meter = provider.GetRequiredService<Meter>();
            var source = provider.GetRequiredService<IClusterSource>();
            StateMetrics.Add(meter, provider.GetRequiredService<SnapshotStore>(), provider.GetRequiredService<ClusterPump>(), () => source.Vitals, () => source.IsReady);
            var auditor = provider.GetRequiredService<Auditor>();
            AuditMetrics.Add(meter, () => auditor.Latest);
            ProcessMetrics.Add(meter);
            DomainMetrics.Add(meter, provider.GetRequiredService<SnapshotStore>());
            provider.GetRequiredService<CapacityMetrics>();
            return new Telemetry(meter, BuildInfo.Current.Version, options.OtlpEndpoint);
        });
        services.AddSingleton<MetricsEndpoint>();
    }

    private static LedgerOptions WithScoring(IServiceProvider provider, LedgerOptions options) =>
        provider.GetService<LearnedScoring>() is not { } learned ? options
            : options with
            {
                ChooseDevices = learned.ChooseDevices,
                MigValues = learned.ValuesOf,
                PodArrived = learned.Arrive,
                PodDeparted = learned.Depart,
            };

    private static void AddServer(WebApplicationBuilder builder, GpuSchedulerOptions options)
    {
        builder.Services.AddRoutingCore();
        if (options.Server.ReadsPerSecond > 0) ReadLimit.Add(builder.Services, options.Server);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.ShutdownTimeout);
        builder.WebHost.UseKestrelCore();
        // What came in is handled where it was received, see SocketThreads: no verb waits for anything there.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockPool.Factory>();
        if (options.Tls.CertificateFile.Length > 0)
        {
            builder.Services.AddSingleton(options.Tls);
            builder.Services.AddSingleton<ReloadingTls>();
            builder.Services.AddSingleton<TlsHandshakes>();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Whoever reads a body has a limit of its own. One of Kestrel's would end the connection before a client that still sends has seen its
            // answer, whatever that is; without one, Kestrel reads the rest for a few seconds.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxConcurrentConnections = options.Server.MaxConnections;
            kestrel.Limits.MaxRequestHeaderCount = options.Server.MaxHeaders;
            kestrel.Limits.MaxRequestHeadersTotalSize = options.Server.MaxHeaderKiB * 1024;
            kestrel.Limits.KeepAliveTimeout = options.Server.KeepAlive;
            foreach (var url in options.Server.Urls) Listeners.Add(kestrel, new Uri(url), PortRole.Verbs);
            var half = new ConnectionShare(Math.Max(1, options.Server.MaxConnections / 2));
            foreach (var url in options.Server.ApiUrls) Listeners.Add(kestrel, new Uri(url), PortRole.Api, half);
        });
    }

    private static void AddLogging(ILoggingBuilder logging, LoggingSection options)
    {
        logging.SetMinimumLevel(options.Level);
        // The framework tells of every request and start-up step at Information; what matters to an operator, we tell ourselves.
        logging.AddFilter("Microsoft", options.Level > LogLevel.Debug ? LogLevel.Warning : options.Level);
        // Why the server did not start is said in one line where it is caught.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // While this one may write anything at all, the framework opens a logging scope and an activity for every request; errors are told by Kestrel too.
        if (options.Level > LogLevel.Debug) logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (options.Format == LogFormat.Json) logging.AddJsonConsole(format => format.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ");
        else logging.AddSimpleConsole(format => format.SingleLine = true);
        logging.Services.Configure<SimpleConsoleFormatterOptions>(format => (format.TimestampFormat, format.UseUtcTimestamp) = ("HH:mm:ss.fff ", true));
        logging.Services.Configure<JsonConsoleFormatterOptions>(format => format.UseUtcTimestamp = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
