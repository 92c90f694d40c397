using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing.GpuShare;

/// <summary>
/// gpushare (<c>AliyunContainerService/gpushare-scheduler-extender</c>): a pod takes <c>aliyun.com/gpu-mem</c> units of one device. A node's
/// devices have <c>gpu-mem / gpu-count</c> units each, as in its <c>pkg/cache/nodeinfo.go</c>, unless
/// <see cref="Devices.NodeDeviceAnnotation"/> tells the memory of each.
/// </summary>
internal sealed class GpuShareDialect : ISharingDialect
{
    /// <summary>Memory units.</summary>
    public const string MemoryResource = "aliyun.com/gpu-mem";

    /// <summary>Devices of a node.</summary>
    public const string CountResource = "aliyun.com/gpu-count";

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
    public SharedOffer ReadNode(Node node)
    {
        var count = SharingDialects.CapacityOf(node, CountResource);
        var memory = SharingDialects.CapacityOf(node, MemoryResource);
        return count <= 0 || memory <= 0 ? default : new SharedOffer(count, memory / count);
    }
}
