using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// The shapes that make up most of a workload: distinct in CPU, GPU demand and models (not in memory), the most frequent first until 95 % of
/// the pods are covered, their frequencies scaled to 1. The "typical pods" of Weng et al., USENIX ATC 2023 (<c>pkg/utils/frag.go</c>).
/// </summary>
public sealed class TypicalShapes
{
    private const double Coverage = 0.95;

    private readonly double[] _shares;
    private readonly int[] _cpuMilli;
    private readonly int[] _milliPerGpu;
    private readonly int[] _count;
    private readonly bool[][] _accepts;
    private readonly double _neverUses;

    private TypicalShapes(List<(PodShape Shape, double Share)> shapes, StringTable models)
    {
        var total = shapes.Sum(entry => entry.Share);
        // A CPU-only pod can use no GPU whatever the node looks like: all of them together are one constant.
        _neverUses = shapes.Where(entry => entry.Shape.Gpu.IsNone).Sum(entry => entry.Share) / total;
        var users = shapes.Where(entry => !entry.Shape.Gpu.IsNone).ToArray();
        _shares = [.. users.Select(entry => entry.Share / total)];
        _cpuMilli = [.. users.Select(entry => entry.Shape.CpuMilli)];
        _milliPerGpu = [.. users.Select(entry => entry.Shape.Gpu.MilliPerGpu)];
        _count = [.. users.Select(entry => entry.Shape.Gpu.Count)];
        _accepts = new bool[models.Count][];
        for (var model = 0; model < models.Count; model++)
        {
            _accepts[model] = [.. users.Select(entry => entry.Shape.Models?.Accepts(models[model]) ?? true)];
        }
    }

    /// <summary>How many there are, CPU-only ones not counted.</summary>
    public int Count => _shares.Length;

    /// <summary>The typical shapes of a workload, resolved against the models of a cluster.</summary>
    public static TypicalShapes Of(WorkloadMix workload, StringTable models)
    {
        var merged = new Dictionary<(int, GpuDemand, string?), (PodShape Shape, double Share)>();
        foreach (var (shape, share) in workload.Shares)
        {
            var key = (shape.CpuMilli, shape.Gpu, shape.Models?.ToString());
            merged[key] = (shape, merged.TryGetValue(key, out var entry) ? entry.Share + share : share);
        }

        var chosen = new List<(PodShape Shape, double Share)>();
        double covered = 0;
        foreach (var entry in merged.OrderByDescending(pair => pair.Value.Share)
            .ThenByDescending(pair => (pair.Key.Item1, pair.Key.Item2.MilliPerGpu, pair.Key.Item2.Count))
            .ThenByDescending(pair => pair.Key.Item3 ?? "", StringComparer.Ordinal).Select(pair => pair.Value))
        {
            if (covered >= Coverage - 1e-12) break;
            chosen.Add(entry);
            covered += entry.Share;
        }

        return new TypicalShapes(chosen, models);
    }

    /// <summary>Expected unusable thousandths of a node with these devices, this much CPU and this model.</summary>
    public double Fragmentation(ReadOnlySpan<ushort> freeMilli, int cpuFreeMilli, int modelId)
    {
        var total = 0;
        foreach (var milli in freeMilli) total += milli;
        if (total == 0) return 0;
        var accepts = _accepts[modelId];
        var unusable = _neverUses * total;
        for (var i = 0; i < _shares.Length; i++)
        {
            int small = 0, fits = 0;
            foreach (var milli in freeMilli)
            {
                if (milli < _milliPerGpu[i]) small += milli;
                else fits++;
            }

            var usable = cpuFreeMilli >= _cpuMilli[i] && fits >= _count[i] && accepts[i];
            unusable += _shares[i] * (usable ? small : total);
        }

        return unusable;
    }
}
