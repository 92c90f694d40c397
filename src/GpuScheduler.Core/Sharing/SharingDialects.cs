using System.Globalization;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Sharing.GpuShare;
using GpuScheduler.Core.Sharing.VolcanoGpu;
using GpuScheduler.Core.Sharing.VolcanoVgpu;

namespace GpuScheduler.Core.Sharing;

/// <summary>Every dialect in which devices are shared by memory.</summary>
internal static class SharingDialects
{
    /// <summary>All, in the order in which a node that offers several is read: only one can count a node's devices.</summary>
    public static IReadOnlyList<ISharingDialect> All { get; } = [new GpuShareDialect(), new VolcanoVgpuDialect(), new VolcanoGpuDialect()];

    /// <summary>The dialect of a kind; null for those that are not by memory.</summary>
    public static ISharingDialect? Of(SharingDialect kind) => All.FirstOrDefault(dialect => dialect.Kind == kind);

    /// <summary>The dialect whose devices a node offers; null for none.</summary>
    public static ISharingDialect? OfNode(Node node) => All.FirstOrDefault(dialect => dialect.ReadNode(node).Count > 0);

    /// <summary>The dialect in which a pod asks for devices; null for none.</summary>
    public static ISharingDialect? OfPod(PodShape shape) =>
        shape.Gpu.IsMemoryShare ? Of(shape.Gpu.Memory.Dialect)
        : shape.GpuResource == VolcanoGpuDialect.CountResource ? Of(SharingDialect.VolcanoGpu)
        : null;

    /// <summary>The indices in a list separated by commas, as far as they are below <paramref name="count"/>; 0 when any is not.</summary>
    private static uint ReadIndices(string text, int count)
    {
        uint mask = 0;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= count) return 0;
            mask |= 1u << index;
        }

        return mask;
    }

    /// <summary>The devices that an annotation of a pod names by index; 0 when it is absent or names one that is not there.</summary>
    public static uint ReadIndices(Pod pod, string key, NodeDevices devices) =>
        pod.Annotations.TryGetValue(key, out var text) ? ReadIndices(text, devices.Cards.Length) : 0;

    /// <summary>A node that tells how many devices it has and what all of them hold together: each holds the same; none when either is missing.</summary>
    public static SharedOffer EqualDevices(Node node, string countResource, string memoryResource)
    {
        var count = CapacityOf(node, countResource);
        var memory = CapacityOf(node, memoryResource);
        return count <= 0 || memory <= 0 ? default : new SharedOffer(count, memory / count);
    }

    /// <summary>An annotation that is a number; 0 when it is absent or none.</summary>
    public static long ReadNumber(Pod pod, string key) =>
        pod.Annotations.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>A number as annotations have it.</summary>
    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// These are told per device; their sum over a node, where its plugin offers one at all, says nothing (a percentage of which device?), so
    /// pods are not held against it.
    /// </summary>
    public static bool IsOnlyPerDevice(string resource) => resource
        is VolcanoVgpuDialect.MemoryResource or VolcanoVgpuDialect.MemoryPercentResource or VolcanoVgpuDialect.CoresResource;

    /// <summary>The amount of a resource in a request; 0 when it is not asked for.</summary>
    public static int AmountOf(ReadOnlySpan<ResourceAmount> requests, string resource)
    {
        foreach (var (name, amount) in requests)
        {
            if (name == resource) return (int)amount;
        }

        return 0;
    }

    /// <summary>Node totals as gpushare and Volcano read them, from <c>status.capacity</c>; from allocatable where the source has no capacity.</summary>
    public static int CapacityOf(Node node, string resource)
    {
        foreach (var (name, amount) in node.Capacity)
        {
            if (name == resource) return (int)Math.Min(amount, int.MaxValue);
        }

        return node.Capacity.Count > 0 ? 0 : (int)Math.Min(node.AllocatableOf(resource), int.MaxValue);
    }
}
