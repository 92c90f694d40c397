using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Server.Demo;

/// <summary>Makes up pods as a research cluster sees them: many notebooks and inference servers, some training, now and then one too large.</summary>
/// <param name="catalog">Tells which resources are GPUs.</param>
/// <param name="random">Draws them; the same seed draws the same.</param>
internal sealed class DemoPods(GpuResourceCatalog catalog, Random random)
{
    private static readonly string[] Teams = ["vision", "language", "speech", "robotics"];

    private static readonly (int Weight, string Kind, string Resource, int Amount, int CpuMilli, int MemoryMiB)[] Kinds =
    [
        (30, "notebook", GpuResourceCatalog.GpuMilli, 300, 2_000, 8_192),
        (10, "serve-small", GpuResourceCatalog.GpuMilli, 500, 4_000, 16_384),
        (25, "serve", GpuResourceCatalog.NvidiaGpu, 1, 8_000, 32_768),
        (12, "finetune", GpuResourceCatalog.NvidiaGpu, 2, 16_000, 65_536),
        (10, "train", GpuResourceCatalog.NvidiaGpu, 4, 32_000, 131_072),
        (10, "train-large", GpuResourceCatalog.NvidiaGpu, 8, 64_000, 262_144),
        (2, "too-large", GpuResourceCatalog.NvidiaGpu, 16, 128_000, 524_288),
    ];

    private int _count;

    /// <summary>The next pod, waiting since <paramref name="now"/>.</summary>
    public Pod Next(DateTimeOffset now)
    {
        var draw = random.Next(Kinds.Sum(kind => kind.Weight));
        var at = 0;
        for (; draw >= Kinds[at].Weight; at++) draw -= Kinds[at].Weight;
        var (_, name, resource, amount, cpuMilli, memoryMiB) = Kinds[at];
        var number = ++_count;
        return new Pod
        {
            Namespace = Teams[random.Next(Teams.Length)],
            Name = $"{name}-{number}",
            Uid = $"demo-{number}",
            CreatedAt = now,
            SchedulerName = "gpu-scheduler",
            Shape = new PodShape(
                [new(ResourceNames.Cpu, cpuMilli), new(ResourceNames.Memory, memoryMiB), new(resource, amount)], catalog),
        };
    }
}
