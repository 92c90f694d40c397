using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing.VolcanoVgpu;

/// <summary>
/// Volcano vGPU (<c>volcano-sh/volcano</c>, <c>pkg/scheduler/api/devices/nvidia/vgpu</c>): a container takes memory and cores of each of
/// <c>volcano.sh/vgpu-number</c> devices. The containers of one pod share the pod's devices here: container k uses the first of them.
/// That is one of the layouts Volcano could choose, and never takes less than the pod needs.
/// </summary>
internal sealed class VolcanoVgpuDialect : ISharingDialect
{
    /// <summary>Devices of a container.</summary>
    public const string CountResource = "volcano.sh/vgpu-number";

    /// <summary>MiB of each.</summary>
    public const string MemoryResource = "volcano.sh/vgpu-memory";

    /// <summary>Hundredths of the memory of each.</summary>
    public const string MemoryPercentResource = "volcano.sh/vgpu-memory-percentage";

    /// <summary>Hundredths of the compute of each.</summary>
    public const string CoresResource = "volcano.sh/vgpu-cores";

    /// <inheritdoc/>
    public SharingDialect Kind => SharingDialect.VolcanoVgpu;

    /// <inheritdoc/>
    public string ResourceOf(in GpuDemand demand) => CountResource;

    /// <inheritdoc/>
    public GpuDemand? ReadRequest(ReadOnlySpan<ResourceAmount> requests, IReadOnlyList<ContainerShare> containers)
    {
        if (SharingDialects.AmountOf(requests, CountResource) == 0) return null;
        int count = 0, memory = 0, percent = 0, cores = 0, tasks = 0;
        foreach (var container in containers.Any(container => container.Count > 0) ? containers : [OfPod(requests)])
        {
            if (container.Count == 0) continue;
            count = Math.Max(count, container.Count);
            memory += container.MemoryMiB;
            percent += container.MemoryPercent;
            cores += container.CoresPercent;
            tasks++;
        }

        if (cores > Devices.DeviceRoom.AllCores || percent > 100)
        {
            throw new FormatException($"{(cores > Devices.DeviceRoom.AllCores ? CoresResource : MemoryPercentResource)}: the containers of a pod share its devices, and together ask for more than 100 %");
        }

        return GpuDemand.OfMemory(count, new MemoryShare(Kind, memory, percent, cores, tasks));
    }

    /// <inheritdoc/>
    public SharedOffer ReadNode(Node node)
    {
        if (SharingDialects.CapacityOf(node, CountResource) == 0) return default;
        var devices = VgpuRegister.Read(node.Annotations);
        return devices is null ? default : new SharedOffer(devices.Count, 0, devices);
    }

    /// <summary>One container's request; without memory of any kind it is the whole memory, as in Volcano's <c>resourcereqs</c>.</summary>
    public static ContainerShare Share(int count, int memory, int percent, int cores) =>
        new(count, memory, memory == 0 && percent == 0 ? 100 : memory > 0 ? 0 : percent, cores);

    private static ContainerShare OfPod(ReadOnlySpan<ResourceAmount> requests) => Share(
        SharingDialects.AmountOf(requests, CountResource),
        SharingDialects.AmountOf(requests, MemoryResource),
        SharingDialects.AmountOf(requests, MemoryPercentResource),
        SharingDialects.AmountOf(requests, CoresResource));
}
