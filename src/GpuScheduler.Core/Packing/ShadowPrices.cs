using System.Runtime.Intrinsics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Eight ways to price what a pod takes besides GPUs, one per vector lane, in thousandths of a GPU per column unit. A node's value is the
/// least over the lanes: the Lagrangian dual of "all its pods must fit in its CPU and memory" over a few multipliers. A node with CPU to
/// spare is valued at lane 0, where CPU costs nothing; the less it has per GPU, the dearer the lane that binds.
/// </summary>
internal sealed class ShadowPrices
{
    /// <summary>Lanes.</summary>
    public const int Count = 8;

    /// <summary>Names of the lanes for people.</summary>
    public static readonly string[] Names =
        ["nothing", "little CPU", "CPU", "mostly CPU", "little memory", "memory", "mostly memory", "CPU and memory"];

    private ShadowPrices(Vector256<float> cpu, Vector256<float> memory) => (Cpu, Memory) = (cpu, memory);

    /// <summary>GPU thousandths per CPU thousandth.</summary>
    public Vector256<float> Cpu { get; }

    /// <summary>GPU thousandths per MiB.</summary>
    public Vector256<float> Memory { get; }

    /// <summary>Prices relative to what the cluster's nodes have per GPU, so that they mean the same on other hardware.</summary>
    public static ShadowPrices For(ClusterSnapshot cluster, ResidualValueOptions options)
    {
        long cpu = 0, memory = 0, gpus = 0;
        foreach (var page in cluster.Pages)
        {
            var counts = page.GpuCount;
            for (var row = 0; row < counts.Length; row++)
            {
                if (counts[row] == 0) continue;
                gpus += counts[row];
                cpu += page.Allocatable(ResourceTable.Cpu)[row];
                memory += page.Allocatable(ResourceTable.Memory)[row];
            }
        }

        var perCpu = cpu == 0 ? 0 : GpuDemand.WholeMilli * (double)gpus / cpu;
        var perMemory = memory == 0 ? 0 : GpuDemand.WholeMilli * (double)gpus / memory;
        var (low, middle, high) = (options.LowPrice, options.MiddlePrice, options.HighPrice);
        return new ShadowPrices(
            Lanes(perCpu, 0, low, middle, high, 0, 0, 0, middle),
            Lanes(perMemory, 0, 0, 0, 0, low, middle, high, middle));
    }

    private static Vector256<float> Lanes(double unit, params ReadOnlySpan<double> prices)
    {
        Span<float> lanes = stackalloc float[Count];
        for (var lane = 0; lane < Count; lane++) lanes[lane] = (float)(prices[lane] * unit);
        return Vector256.Create(lanes);
    }
}
