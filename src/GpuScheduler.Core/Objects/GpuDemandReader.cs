using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Objects;

/// <summary>Reads a <see cref="GpuDemand"/> out of a pod's effective request.</summary>
internal static class GpuDemandReader
{
    /// <exception cref="FormatException">
    /// Whole GPUs and a share together, two vendors' whole GPUs or two dialects together, or a share of more than one GPU that is not whole.
    /// </exception>
    public static (GpuDemand Demand, string? Resource, bool UsesGpu) Read(
        ReadOnlySpan<ResourceAmount> requests, GpuResourceCatalog catalog, IReadOnlyList<ContainerShare> containers)
    {
        var demand = GpuDemand.None;
        string? resource = null;
        bool usesGpu = false, isShared = false;
        foreach (var (name, amount) in requests)
        {
            var kind = catalog.KindOf(name);
            usesGpu |= kind != GpuResourceKind.None;
            isShared |= kind is GpuResourceKind.SharedMemory or GpuResourceKind.SharedCount;
            if (kind is GpuResourceKind.Whole) Take(name, GpuDemand.Whole((int)amount));
            if (kind is GpuResourceKind.Milli) Take(name, ReadMilli(name, amount));
        }

        if (!isShared) return (demand, resource, usesGpu);
        foreach (var dialect in SharingDialects.All)
        {
            if (dialect.ReadRequest(requests, containers) is { } shared) Take(dialect.ResourceOf(shared), shared);
        }

        return (demand, resource, usesGpu);

        void Take(string name, GpuDemand asked)
        {
            if (resource is not null) throw new FormatException($"a pod cannot request both {resource} and {name}");
            (resource, demand) = (name, asked);
        }
    }

    private static GpuDemand ReadMilli(string name, long milli) =>
        milli < GpuDemand.WholeMilli ? GpuDemand.Share((int)milli)
        : milli % GpuDemand.WholeMilli == 0 ? GpuDemand.Whole((int)(milli / GpuDemand.WholeMilli))
        : throw new FormatException($"{name}: {milli} is neither a share of one GPU (1 to 999) nor a multiple of 1000");
}
