using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GpuScheduler.Server.Metrics;

/// <summary>Hands what was collected over as text when it is asked to.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private const int CollectTimeoutMs = 10_000;

    private readonly Lock _scraping = new();
    private PrometheusText? _text;

    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects everything; one scrape at a time.</summary>
    /// <exception cref="InvalidOperationException">It could not be collected in time.</exception>
    public ReadOnlyMemory<byte> Scrape(bool openMetrics)
    {
        lock (_scraping)
        {
            _text = new PrometheusText(openMetrics);
            if (Collect is not { } collect || !collect(CollectTimeoutMs)) throw new InvalidOperationException("the metrics could not be collected");
            return _text.End();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch) _text!.Write(metric);
        return ExportResult.Success;
    }
}
