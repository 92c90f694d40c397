using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace GpuScheduler.Server.Metrics;

/// <summary>
/// Writes metrics in Prometheus' text format 0.0.4 or as OpenMetrics 1.0 (prometheus.io/docs/instrumenting/exposition_formats,
/// github.com/prometheus/OpenMetrics). Names become Prometheus' as OpenTelemetry's compatibility specification has it: dots to underscores,
/// the unit in full behind, <c>_total</c> behind a counter.
/// </summary>
internal sealed class PrometheusText(bool openMetrics)
{
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly StringBuilder _text = new(64 * 1024);

    /// <summary>Writes a metric with all its series.</summary>
    public void Write(Metric metric)
    {
        var isCounter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
        var unit = UnitWord(metric.Unit);
        var family = FamilyName(metric.Name, unit);
        var name = isCounter ? family + "_total" : family;
        var described = openMetrics ? family : name;
        var hasHead = false;
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            if (IsOver(metric, point)) continue;
            if (!hasHead)
            {
                hasHead = true;
                _text.Append($"# HELP {described} {Escape(metric.Description, quotes: openMetrics)}\n");
                _text.Append($"# TYPE {described} {(isCounter ? "counter" : metric.MetricType.IsHistogram() ? "histogram" : "gauge")}\n");
                if (openMetrics && unit.Length > 0) _text.Append($"# UNIT {described} {unit}\n");
            }

            var labels = Labels(point.Tags);
            switch (metric.MetricType)
            {
                case MetricType.Histogram:
                    WriteHistogram(name, labels, point);
                    break;
                case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                    Sample(name, labels, point.GetSumLong());
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                    Sample(name, labels, point.GetSumDouble());
                    break;
                case MetricType.LongGauge:
                    Sample(name, labels, point.GetGaugeLastValueLong());
                    break;
                default:
                    Sample(name, labels, point.GetGaugeLastValueDouble());
                    break;
            }
        }
    }

    /// <summary>The whole text, as UTF-8.</summary>
    public byte[] End()
    {
        if (openMetrics) _text.Append("# EOF\n");
        return Encoding.UTF8.GetBytes(_text.ToString());
    }

    /// <summary>A gauge that is not a number any more has ended; the collector would repeat its last value for ever.</summary>
    private static bool IsOver(Metric metric, in MetricPoint point) =>
        metric.MetricType == MetricType.DoubleGauge && double.IsNaN(point.GetGaugeLastValueDouble());

    /// <summary>The name without a counter's <c>_total</c>.</summary>
    private static string FamilyName(string name, string unit)
    {
        var family = string.Create(name.Length, name, (to, from) =>
        {
            for (var i = 0; i < from.Length; i++) to[i] = char.IsAsciiLetterOrDigit(from[i]) || from[i] == ':' ? from[i] : '_';
        });
        return unit.Length == 0 || family.EndsWith("_" + unit, StringComparison.Ordinal) ? family : $"{family}_{unit}";
    }

    /// <summary>Units of UCUM in full; what is counted, in braces, is no unit.</summary>
    private static string UnitWord(string unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        _ => "",
    };

    private void WriteHistogram(string name, string labels, in MetricPoint point)
    {
        long below = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            Sample(name + "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below);
        }

        Sample(name + "_sum", labels, point.GetHistogramSum());
        Sample(name + "_count", labels, point.GetHistogramCount());
    }

    private void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0) _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(OpenTelemetry.ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            var text = value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture);
            labels.Append(FamilyName(key, "")).Append("=\"").Append(Escape(text ?? "", quotes: true)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
