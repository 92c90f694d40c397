using System.Diagnostics.Metrics;
using GpuScheduler.Extender;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GpuScheduler.Server.Metrics;

/// <summary>
/// Collects what the meters measure: for whoever scrapes <c>/metrics</c>, and by OTLP when an endpoint is configured. Traces are made only
/// when they are sent somewhere. What OpenTelemetry's own variables (<c>OTEL_EXPORTER_OTLP_*</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c>) say, holds.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Room for the series of one instrument; it is set aside beforehand. What is beyond ends up in one series marked as overflow.</summary>
    private const int MostSeries = 100;

    private const int MostCapacitySeries = (CapacityMetrics.MostModels + 1) * (CapacityMetrics.MostResources + 1);

    private readonly MeterProvider _meters;
    private readonly TracerProvider? _traces;
    private readonly PrometheusExporter _exporter = new();

    /// <summary>Starts collecting.</summary>
    /// <param name="meter">The service's meter.</param>
    /// <param name="version">The service's version.</param>
    /// <param name="otlpEndpoint">Where OTLP goes; empty to go by the environment.</param>
    public Telemetry(Meter meter, string version, string otlpEndpoint)
    {
        if (otlpEndpoint.Length == 0) otlpEndpoint = Environment.GetEnvironmentVariable(EndpointVariable) ?? "";
        var resource = ResourceBuilder.CreateDefault().AddService("gpu-scheduler", serviceVersion: version).AddEnvironmentVariableDetector();
        var meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(meter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddView(ViewOf)
            .AddReader(new BaseExportingMetricReader(_exporter));
        if (otlpEndpoint.Length == 0)
        {
            _meters = meters.Build();
            return;
        }

        // The exporter reads its settings from the configuration: the option stands in for the variable, all others hold.
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables()
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>(EndpointVariable, otlpEndpoint)]).Build();
        _meters = meters.ConfigureServices(services => services.AddSingleton<IConfiguration>(configuration)).AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(ExtenderTracing.SourceName)
            .ConfigureServices(services => services.AddSingleton<IConfiguration>(configuration))
            .AddOtlpExporter()
            .Build();
    }

    /// <summary>Everything measured, as text.</summary>
    public ReadOnlyMemory<byte> Scrape(bool openMetrics) => _exporter.Scrape(openMetrics);

    private static MetricStreamConfiguration ViewOf(Instrument instrument) => instrument.Name switch
    {
        // Prometheus keeps _count for histograms, and nobody needs to watch these three.
        "dotnet.assembly.count" or "dotnet.timer.count" or "dotnet.process.cpu.count" => MetricStreamConfiguration.Drop,
        var name when name.StartsWith("gpu_scheduler.resource.", StringComparison.Ordinal) => new() { CardinalityLimit = MostCapacitySeries },
        PackingMetrics.ShareName => new() { CardinalityLimit = PackingMetrics.MostShapes + 1 },
        _ => new() { CardinalityLimit = MostSeries },
    };

    public void Dispose()
    {
        _meters.Dispose();
        _traces?.Dispose();
    }
}
