using System.Diagnostics.Metrics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;

namespace GpuScheduler.Server.Metrics;

/// <summary>What the packing policy has learned of the workload, and how long its tables take to build.</summary>
internal sealed class PackingMetrics
{
    /// <summary>
    /// Shapes told apart over the life of the process: of those that were ever among the <see cref="PackingSummary.MaxTop"/> most frequent, the
    /// first so many. Further ones count under <see cref="OtherShapes"/>.
    /// </summary>
    public const int MostShapes = 500;

    /// <summary>The instrument that has a series per shape.</summary>
    public const string ShareName = "gpu_scheduler.workload.share";

    /// <summary>The label of all shapes that are not told apart.</summary>
    public const string OtherShapes = "other";

    private readonly Histogram<double> _building;
    private readonly Lock _labelling = new();
    private readonly Dictionary<string, KeyValuePair<string, object?>> _labels = [];
    private volatile PackingSummary _latest = PackingSummary.Empty;

    /// <summary>Adds them to a meter.</summary>
    public PackingMetrics(Meter meter)
    {
        _building = meter.CreateHistogram(
            "gpu_scheduler.packing.build.duration", "s", "Time to build the tables of the packing policy; the writer of the snapshot does it.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });
        meter.CreateObservableGauge("gpu_scheduler.workload.shapes", () => _latest.Shapes, "{shape}", "Shapes of pods that the packing policy knows.");
        meter.CreateObservableGauge(
            "gpu_scheduler.workload.observations", () => _latest.Observations, "{pod}", "Pods that what was learned rests on; older ones count less.");
        meter.CreateObservableGauge(
            "gpu_scheduler.workload.departures_per_arrival", () => _latest.DeparturesPerArrival,
            description: "Pods that left their place per pod that came: 0 while the cluster only fills, 1 in a steady state.");
        meter.CreateObservableGauge(
            ShareName, Shares,
            description: "Fraction of the pods that come which have a shape, as learned, for the most frequent ones; all others together are other.");
    }

    /// <summary>Tables were built.</summary>
    public void Built(TimeSpan duration, PackingSummary summary)
    {
        _latest = summary;
        _building.Record(duration.TotalSeconds);
    }

    private List<Measurement<double>> Shares()
    {
        var summary = _latest;
        if (summary.Shapes == 0) return [];
        lock (_labelling)
        {
            var shares = new Dictionary<string, double>();
            foreach (var (shape, share) in summary.Top)
            {
                var name = NameOf(shape);
                shares[name] = shares.GetValueOrDefault(name) + share;
            }

            shares[OtherShapes] = Math.Max(0, 1 - shares.Where(entry => entry.Key != OtherShapes).Sum(entry => entry.Value));
            LabelOf(OtherShapes);

            // A series once begun is repeated with its last value for ever: those that are over say so.
            return [.. _labels.Select(entry => new Measurement<double>(shares.GetValueOrDefault(entry.Key, double.NaN), entry.Value))];
        }
    }

    private string NameOf(PodShape shape)
    {
        var name = shape.Summary;
        if (_labels.ContainsKey(name)) return name;
        if (_labels.Count >= MostShapes) return OtherShapes;
        LabelOf(name);
        return name;
    }

    private void LabelOf(string name) => _labels.TryAdd(name, new KeyValuePair<string, object?>("shape", name));
}
