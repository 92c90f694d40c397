using System.Runtime.Intrinsics;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Packing;

/// <summary>A shape of the workload as the value recursion sees it; shapes that differ in nothing it looks at are one.</summary>
/// <param name="Gpus">Whole GPUs; 0 for a share.</param>
/// <param name="Units">Table units of one GPU for a share; 0 otherwise.</param>
/// <param name="Share">Fraction of arriving pods, in every lane.</param>
/// <param name="Worth">Worth less the price of its CPU and memory, by lane.</param>
internal sealed record DemandedPod(int Gpus, int Units, Vector256<float> Share, Vector256<float> Worth)
{
    public bool IsShare => Units > 0;

    /// <summary>The pods of a workload that ask for GPUs and accept a model.</summary>
    public static DemandedPod[] Of(WorkloadMix workload, string model, Worth worth, ShadowPrices prices)
    {
        var merged = new Dictionary<(GpuDemand, int, int), double>();
        foreach (var (shape, share) in workload.Shares)
        {
            if (shape.Gpu.IsNone || !(shape.Models?.Accepts(model) ?? true)) continue;
            var key = (shape.Gpu, shape.CpuMilli, shape.MemoryMiB);
            merged[key] = merged.GetValueOrDefault(key) + share;
        }

        return [.. merged.OrderByDescending(pair => pair.Value).ThenBy(pair => (pair.Key.Item1.TotalMilli, pair.Key.Item2, pair.Key.Item3))
            .Select(pair =>
            {
                var (gpu, cpu, memory) = pair.Key;
                return new DemandedPod(
                    gpu.IsShare ? 0 : gpu.Count,
                    gpu.IsShare ? Packing.Worth.UnitsOf(gpu.MilliPerGpu) : 0,
                    Vector256.Create((float)pair.Value),
                    Vector256.Create((float)worth.Of(gpu)) - (prices.Cpu * cpu) - (prices.Memory * memory));
            })];
    }
}
