using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Objects;

/// <summary>Reads a <see cref="GpuDemand"/> out of a pod's effective request.</summary>
internal static class GpuDemandReader
{
    /// <exception cref="FormatException">Whole GPUs and a share together, two vendors' whole GPUs together, or a share of more than one GPU that is not whole.</exception>
    public static (GpuDemand Demand, string? Resource, bool UsesGpu) Read(ReadOnlySpan<ResourceAmount> requests, GpuResourceCatalog catalog)
    {
        var demand = GpuDemand.None;
        string? resource = null;
        var usesGpu = false;
        foreach (var (name, amount) in requests)
        {
            var kind = catalog.KindOf(name);
            usesGpu |= kind != GpuResourceKind.None;
            if (kind is not (GpuResourceKind.Whole or GpuResourceKind.Milli)) continue;
            if (resource is not null) throw new FormatException($"a pod cannot request both {resource} and {name}");
            resource = name;
            demand = kind == GpuResourceKind.Whole ? GpuDemand.Whole((int)amount) : ReadMilli(name, amount);
        }

        return (demand, resource, usesGpu);
    }

    private static GpuDemand ReadMilli(string name, long milli) =>
        milli < GpuDemand.WholeMilli ? GpuDemand.Share((int)milli)
        : milli % GpuDemand.WholeMilli == 0 ? GpuDemand.Whole((int)(milli / GpuDemand.WholeMilli))
        : throw new FormatException($"{name}: {milli} is neither a share of one GPU (1 to 999) nor a multiple of 1000");
}
