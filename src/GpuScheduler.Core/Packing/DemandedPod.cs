using System.Runtime.Intrinsics;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Packing;

/// <summary>A shape of the workload as the value recursion sees it; shapes that differ in nothing it looks at are one.</summary>
/// <param name="Gpus">Whole GPUs; 0 for a share.</param>
/// <param name="Units">Table units of one GPU for a share; 0 otherwise.</param>
/// <param name="Share">Fraction of arriving pods, in every lane.</param>
/// <param name="Worth">Worth less the price of what it takes besides GPUs, by lane of one part of the prices.</param>
internal sealed record DemandedPod(int Gpus, int Units, Vector256<float> Share, Vector256<float> Worth)
{
    public bool IsShare => Units > 0;

    /// <summary>The pods of a workload that ask for GPUs and accept a model.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="model">The model.</param>
    /// <param name="worth">What placing them is worth.</param>
    /// <param name="prices">The prices.</param>
    /// <param name="firstLane">The first of the eight lanes wanted.</param>
    public static DemandedPod[] Of(WorkloadMix workload, string model, Worth worth, ShadowPrices prices, int firstLane = 0)
    {
        var merged = new Dictionary<(GpuDemand, int, int, string), (double Share, int[] Extras)>();
        foreach (var (shape, share) in workload.Shares)
        {
            if (shape.Gpu.IsNone || !(shape.Models?.Accepts(model) ?? true)) continue;
            int[] extras = [.. prices.Extras.Select(extra => extra.AmountOf(shape))];
            var key = (shape.Gpu, shape.CpuMilli, shape.MemoryMiB, string.Join(' ', extras));
            merged[key] = (merged.GetValueOrDefault(key).Share + share, extras);
        }

        return [.. merged.OrderByDescending(pair => pair.Value.Share)
            .ThenBy(pair => (pair.Key.Item1.TotalMilli, pair.Key.Item2, pair.Key.Item3)).ThenBy(pair => pair.Key.Item4, StringComparer.Ordinal)
            .Select(pair =>
            {
                var (gpu, cpu, memory, _) = pair.Key;
                var net = Vector256.Create((float)worth.Of(gpu)) - (PriceOf(prices.Cpu) * cpu) - (PriceOf(prices.Memory) * memory);
                for (var i = 0; i < prices.Extras.Length; i++) net -= PriceOf(prices.Extras[i].Prices) * pair.Value.Extras[i];
                return new DemandedPod(
                    gpu.IsShare ? 0 : gpu.Count,
                    gpu.IsShare ? Packing.Worth.UnitsOf(gpu.MilliPerGpu) : 0,
                    Vector256.Create((float)pair.Value.Share),
                    net);
            })];

        Vector256<float> PriceOf(float[] lanes) => Vector256.Create(lanes, firstLane);
    }
}
