using System.Globalization;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Explaining;

/// <summary>Amounts of resources, as people say them.</summary>
public static class AmountText
{
    private const double MiBPerGiB = 1024;

    /// <summary>An amount with what it is: <c>1 GPU</c>, <c>3.5 CPUs</c>, <c>12 GiB of memory</c>, <c>2 nvidia.com/mig-1g.5gb</c>.</summary>
    /// <param name="resource">The resource's name.</param>
    /// <param name="amount">In column units.</param>
    public static string Of(string resource, long amount) => resource switch
    {
        ResourceNames.Cpu => $"{Number(resource, amount)} CPU{(amount > 1000 ? "s" : "")}",
        GpuResourceCatalog.GpuMilli => $"{Number(resource, amount)} GPU",
        GpuResourceCatalog.NvidiaGpu => amount == 1 ? "1 GPU" : $"{Number(resource, amount)} GPUs",
        _ when ResourceNames.UnitOf(resource) == ResourceUnit.MiB => $"{Number(resource, amount)} of {resource}",
        _ => $"{Number(resource, amount)} {resource}",
    };

    /// <summary>The number alone, with its unit where it has one: <c>3.5</c>, <c>12 GiB</c>, <c>2</c>.</summary>
    /// <param name="resource">The resource's name.</param>
    /// <param name="amount">In column units.</param>
    public static string Number(string resource, long amount) => ResourceNames.UnitOf(resource) switch
    {
        ResourceUnit.Milli => Text(amount / 1000.0),
        ResourceUnit.MiB when amount >= MiBPerGiB => $"{Text(amount / MiBPerGiB)} GiB",
        ResourceUnit.MiB => $"{Text(amount)} MiB",
        _ when resource == GpuResourceCatalog.GpuMilli => Text(amount / 1000.0),
        _ => Text(amount),
    };

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
