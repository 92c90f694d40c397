using System.Globalization;
using System.Text;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing.VolcanoVgpu;

/// <summary>
/// Volcano vGPU (<c>volcano-sh/volcano</c>, <c>pkg/scheduler/api/devices/nvidia/vgpu</c>): a container takes memory and cores of each of
/// <c>volcano.sh/vgpu-number</c> devices. The containers of one pod share the pod's devices here: container k uses the first of them.
/// That is one of the layouts Volcano could choose, and never takes less than the pod needs.
/// </summary>
internal sealed class VolcanoVgpuDialect : ISharingDialect
{
    private const string ResourcePrefix = "volcano.sh/vgpu-";

    /// <summary>Devices of a container.</summary>
    public const string CountResource = "volcano.sh/vgpu-number";

    /// <summary>MiB of each.</summary>
    public const string MemoryResource = "volcano.sh/vgpu-memory";

    /// <summary>Hundredths of the memory of each.</summary>
    public const string MemoryPercentResource = "volcano.sh/vgpu-memory-percentage";

    /// <summary>Hundredths of the compute of each.</summary>
    public const string CoresResource = "volcano.sh/vgpu-cores";

    /// <summary>Pod annotation: its node.</summary>
    public const string NodeAnnotation = "volcano.sh/vgpu-node";

    /// <summary>Pod annotation: seconds since 1970 of the choice.</summary>
    public const string TimeAnnotation = "volcano.sh/vgpu-time";

    /// <summary>Pod annotation: its devices by container.</summary>
    public const string IdsAnnotation = "volcano.sh/vgpu-ids-new";

    /// <summary>Pod annotation: the devices that the plugin has not yet handed over.</summary>
    public const string ToAllocateAnnotation = "volcano.sh/devices-to-allocate";

    /// <summary>Pod annotation: seconds since 1970 of the bind.</summary>
    public const string BindTimeAnnotation = "volcano.sh/bind-time";

    /// <summary>Pod annotation: <c>allocating</c>, until the plugin makes it <c>success</c>.</summary>
    public const string BindPhaseAnnotation = "volcano.sh/bind-phase";

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

        if (cores > DeviceRoom.AllCores || percent > 100)
        {
            throw new FormatException($"{(cores > DeviceRoom.AllCores ? CoresResource : MemoryPercentResource)}: the containers of a pod share its devices, and together ask for more than 100 %");
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

    /// <summary>The part of a pod's effective request that its i-th container makes: its vGPUs, and everything else if it is the first.</summary>
    public static ResourceAmount[] RequestsOf(Pod pod, int container)
    {
        var (count, memory, percent, cores) = pod.ContainerShares[container];
        var requests = new List<ResourceAmount>();
        foreach (var request in container == 0 ? pod.Shape.Requests : [])
        {
            if (!request.Name.StartsWith(ResourcePrefix, StringComparison.Ordinal)) requests.Add(request);
        }

        // Neither memory nor per cent means all of it: what is left unsaid is read the same again.
        if (memory == 0 && percent == 100) percent = 0;
        (string Name, int Amount)[] own = [(CountResource, count), (MemoryResource, memory), (MemoryPercentResource, percent), (CoresResource, cores)];
        return [.. requests, .. own.Where(pair => pair.Amount > 0).Select(pair => new ResourceAmount(pair.Name, pair.Amount))];
    }

    /// <inheritdoc/>
    public uint ReadAssignment(Pod pod, NodeDevices devices)
    {
        if (!pod.Annotations.TryGetValue(IdsAnnotation, out var text)) return 0;
        uint mask = 0;
        foreach (var device in text.Split([':', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            var index = devices.IndexOf(device.Split(',')[0]);
            if (index < 0 || index >= devices.Cards.Length) return 0;
            mask |= 1u << index;
        }

        return mask;
    }

    /// <inheritdoc/>
    public long ReadStamp(Pod pod) => SharingDialects.ReadNumber(pod, TimeAnnotation) * 1_000_000_000;

    /// <inheritdoc/>
    public void WriteAssignment(in SharedAssignment assignment, IDictionary<string, string> annotations)
    {
        var ids = DevicesText(assignment);
        var seconds = SharingDialects.Text(assignment.Seconds);
        annotations[NodeAnnotation] = assignment.NodeName;
        annotations[TimeAnnotation] = seconds;
        annotations[IdsAnnotation] = ids;
        annotations[ToAllocateAnnotation] = ids;
        annotations[BindTimeAnnotation] = seconds;
        annotations[BindPhaseAnnotation] = "allocating";
    }

    /// <summary><c>UUID,NVIDIA,memory,cores:</c> for each device of a container, containers joined by <c>;</c> (<c>encodePodDevices</c>).</summary>
    private static string DevicesText(in SharedAssignment assignment)
    {
        var text = new StringBuilder();
        int[] indices = [.. assignment.Indices];
        var share = assignment.Pod.Shape.Gpu.Memory;
        IReadOnlyList<ContainerShare> containers = assignment.Pod.ContainerShares.Count > 0 ? assignment.Pod.ContainerShares
            : [new ContainerShare(indices.Length, share.Memory, share.MemoryPercent, share.CoresPercent)];
        for (var i = 0; i < containers.Count; i++)
        {
            if (i > 0) text.Append(';');
            var (count, memory, percent, cores) = containers[i];
            foreach (var index in indices.Take(count))
            {
                var taken = new MemoryShare(SharingDialect.VolcanoVgpu, memory, percent).On(assignment.Devices.Cards[index].Memory);
                text.Append(CultureInfo.InvariantCulture, $"{assignment.Devices.Devices[index].Uuid},NVIDIA,{taken},{cores}:");
            }
        }

        return text.ToString();
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
