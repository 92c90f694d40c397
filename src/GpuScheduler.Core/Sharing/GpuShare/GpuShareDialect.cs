using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing.GpuShare;

/// <summary>
/// gpushare (<c>AliyunContainerService/gpushare-scheduler-extender</c>): a pod takes <c>aliyun.com/gpu-mem</c> units of one device. A node's
/// devices have <c>gpu-mem / gpu-count</c> units each, as in its <c>pkg/cache/nodeinfo.go</c>, unless
/// <see cref="NodeDeviceAnnotation"/> tells the memory of each.
/// </summary>
internal sealed class GpuShareDialect : ISharingDialect
{
    /// <summary>Memory units.</summary>
    public const string MemoryResource = "aliyun.com/gpu-mem";

    /// <summary>Devices of a node.</summary>
    public const string CountResource = "aliyun.com/gpu-count";

    /// <summary>Index of the device.</summary>
    public const string IndexAnnotation = "ALIYUN_COM_GPU_MEM_IDX";

    /// <summary>All units of the device.</summary>
    public const string DeviceMemoryAnnotation = "ALIYUN_COM_GPU_MEM_DEV";

    /// <summary>The pod's units.</summary>
    public const string PodMemoryAnnotation = "ALIYUN_COM_GPU_MEM_POD";

    /// <summary><c>false</c> until the device plugin has handed the device to the pod.</summary>
    public const string AssignedAnnotation = "ALIYUN_COM_GPU_MEM_ASSIGNED";

    /// <summary>Nanoseconds since 1970. The plugin serves the pending pods of its node in this order (<c>gpushare-device-plugin</c>, <c>allocate.go</c>).</summary>
    public const string AssumeTimeAnnotation = "ALIYUN_COM_GPU_MEM_ASSUME_TIME";

    /// <inheritdoc/>
    public SharingDialect Kind => SharingDialect.GpuShare;

    /// <inheritdoc/>
    public string ResourceOf(in GpuDemand demand) => MemoryResource;

    /// <inheritdoc/>
    public GpuDemand? ReadRequest(ReadOnlySpan<ResourceAmount> requests, IReadOnlyList<ContainerShare> containers)
    {
        var memory = SharingDialects.AmountOf(requests, MemoryResource);
        return memory == 0 ? null : GpuDemand.OfMemory(1, new MemoryShare(Kind, memory));
    }

    /// <inheritdoc/>
    public SharedOffer ReadNode(Node node) => SharingDialects.EqualDevices(node, CountResource, MemoryResource);

    /// <inheritdoc/>
    public uint ReadAssignment(Pod pod, NodeDevices devices) => SharingDialects.ReadIndices(pod, IndexAnnotation, devices);

    /// <inheritdoc/>
    public long ReadStamp(Pod pod) => SharingDialects.ReadNumber(pod, AssumeTimeAnnotation);

    /// <inheritdoc/>
    public void WriteAssignment(in SharedAssignment assignment, IDictionary<string, string> annotations)
    {
        var index = BitOperations.TrailingZeroCount(assignment.DeviceMask);
        annotations[IndexAnnotation] = SharingDialects.Text(index);
        annotations[DeviceMemoryAnnotation] = SharingDialects.Text(assignment.Devices.Cards[index].Memory);
        annotations[PodMemoryAnnotation] = SharingDialects.Text(assignment.Pod.Shape.Gpu.Memory.Memory);
        annotations[AssignedAnnotation] = "false";
        annotations[AssumeTimeAnnotation] = SharingDialects.Text(assignment.Nanoseconds);
    }
}
