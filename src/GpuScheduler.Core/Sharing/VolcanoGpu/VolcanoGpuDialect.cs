using System.Globalization;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing.VolcanoGpu;

/// <summary>
/// Volcano GPU share (<c>volcano-sh/volcano</c>, <c>pkg/scheduler/api/devices/nvidia/gpushare</c>): a pod takes <c>volcano.sh/gpu-memory</c> of
/// one device, or <c>volcano.sh/gpu-number</c> whole ones. Devices have <c>gpu-memory / gpu-number</c> each.
/// </summary>
internal sealed class VolcanoGpuDialect : ISharingDialect
{
    /// <summary>Memory, MiB times the plugin's factor.</summary>
    public const string MemoryResource = "volcano.sh/gpu-memory";

    /// <summary>Devices.</summary>
    public const string CountResource = "volcano.sh/gpu-number";

    /// <summary>Node annotation: indices of broken devices, separated by commas.</summary>
    public const string UnhealthyAnnotation = "volcano.sh/gpu-unhealthy-ids";

    /// <summary>Pod annotation: indices of its devices, separated by commas.</summary>
    public const string IndexAnnotation = "volcano.sh/gpu-index";

    /// <summary>Pod annotation: nanoseconds since 1970; the plugin serves the oldest first (<c>volcano-sh/devices</c>, <c>pkg/plugin/nvidia/utils.go</c>).</summary>
    public const string PredicateTimeAnnotation = "volcano.sh/predicate-time";

    /// <inheritdoc/>
    public SharingDialect Kind => SharingDialect.VolcanoGpu;

    /// <inheritdoc/>
    public string ResourceOf(in GpuDemand demand) => demand.IsMemoryShare ? MemoryResource : CountResource;

    /// <inheritdoc/>
    public GpuDemand? ReadRequest(ReadOnlySpan<ResourceAmount> requests, IReadOnlyList<ContainerShare> containers)
    {
        var memory = SharingDialects.AmountOf(requests, MemoryResource);
        if (memory > 0) return GpuDemand.OfMemory(1, new MemoryShare(Kind, memory));
        var count = SharingDialects.AmountOf(requests, CountResource);
        return count > 0 ? GpuDemand.Whole(count) : null;
    }

    /// <inheritdoc/>
    public SharedOffer ReadNode(Node node)
    {
        var offer = SharingDialects.EqualDevices(node, CountResource, MemoryResource);
        return offer.Count == 0 ? default : offer with { Unhealthy = Unhealthy(node) };
    }

    /// <inheritdoc/>
    public uint ReadAssignment(Pod pod, NodeDevices devices) => SharingDialects.ReadIndices(pod, IndexAnnotation, devices);

    /// <inheritdoc/>
    public long ReadStamp(Pod pod) => SharingDialects.ReadNumber(pod, PredicateTimeAnnotation);

    /// <inheritdoc/>
    public void WriteAssignment(in SharedAssignment assignment, IDictionary<string, string> annotations)
    {
        annotations[IndexAnnotation] = string.Join(',', assignment.Indices);
        annotations[PredicateTimeAnnotation] = SharingDialects.Text(assignment.Nanoseconds);
    }

    private static HashSet<int>? Unhealthy(Node node) =>
        !node.Annotations.TryGetValue(UnhealthyAnnotation, out var text) ? null
            : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
}
