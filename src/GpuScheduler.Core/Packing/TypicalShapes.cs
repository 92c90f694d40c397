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
    private TypicalShapes(List<(PodShape Shape, double Weight)> shapes, double all, StringTable models)
    {
        var total = shapes.Sum(entry => entry.Weight) / all;
        _shares = [.. shapes.Select(entry => entry.Weight / all / total)];
        _cpuMilli = [.. shapes.Select(entry => entry.Shape.CpuMilli)];
        _milliPerGpu = [.. shapes.Select(entry => entry.Shape.Gpu.MilliPerGpu)];
        _count = [.. shapes.Select(entry => entry.Shape.Gpu.Count)];
        _accepts = new bool[models.Count][];
        for (var model = 0; model < models.Count; model++)
        {
            _accepts[model] = [.. shapes.Select(entry => entry.Shape.Models?.Accepts(models[model]) ?? true)];
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _shares.Length;

    /// <summary>The typical shapes of a workload, resolved against the models of a cluster.</summary>
    public static TypicalShapes Of(WorkloadMix workload, StringTable models)
    {
        var merged = new Dictionary<(int, GpuDemand, string?), (PodShape Shape, double Weight)>();
        foreach (var entry in workload.Shares)
        {
            var key = (entry.Shape.CpuMilli, entry.Shape.Gpu, entry.Shape.Models?.ToString());
            merged[key] = (entry.Shape, merged.GetValueOrDefault(key).Weight + entry.Weight);
        }

        var chosen = new List<(PodShape Shape, double Weight)>();
        double covered = 0, all = merged.Values.Sum(entry => entry.Weight);
        foreach (var entry in merged.OrderByDescending(pair => pair.Value.Weight)
            .ThenByDescending(pair => (pair.Key.Item1, pair.Key.Item2.MilliPerGpu, pair.Key.Item2.Count))
            .ThenByDescending(pair => pair.Key.Item3 ?? "", StringComparer.Ordinal).Select(pair => pair.Value))
        {
            if (covered >= Coverage * all) break;
            chosen.Add(entry);
            covered += entry.Weight;
        }

        return new TypicalShapes(chosen, all, models);
    }

    /// <summary>Expected unusable thousandths of a node with these devices, this much CPU and this model.</summary>
    public double Fragmentation(ReadOnlySpan<ushort> freeMilli, int cpuFreeMilli, int modelId)
    {
        var total = 0;
        foreach (var milli in freeMilli) total += milli;
        if (total == 0) return 0;
        var accepts = _accepts[modelId];

        // By reason, and added up in that order, as published: equal scores are decided by the last bit of these sums.
        double lackBoth = 0, lackGpu = 0, lackCpu = 0, cpuOnlyFits = 0, cpuOnlyLacks = 0, lackModel = 0;
        for (var i = 0; i < _shares.Length; i++)
        {
            var free = _shares[i] * total;
            var hasCpu = cpuFreeMilli >= _cpuMilli[i];
            if (_count[i] == 0)
            {
                if (hasCpu) cpuOnlyFits += free;
                else cpuOnlyLacks += free;
                continue;
            }

            if (!accepts[i])
            {
                lackModel += free;
                continue;
            }

            int small = 0, fits = 0;
            foreach (var milli in freeMilli)
            {
                if (milli < _milliPerGpu[i]) small += milli;
                else fits++;
            }

            if (fits < _count[i])
            {
                if (hasCpu) lackGpu += free;
                else lackBoth += free;
            }
            else if (hasCpu)
            {
                lackGpu += _shares[i] * small;
            }
            else
            {
                lackCpu += free;
            }
        }

        return lackBoth + lackGpu + lackCpu + cpuOnlyFits + cpuOnlyLacks + lackModel;
    }
}
