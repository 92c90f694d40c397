namespace GpuScheduler.Core.Resources;

/// <summary>The native resource names of Kubernetes that we count.</summary>
public static class ResourceNames
{
    /// <summary>CPU; our columns hold it in thousandths.</summary>
    public const string Cpu = "cpu";

    /// <summary>Memory; our columns hold it in MiB.</summary>
    public const string Memory = "memory";

    /// <summary>Local ephemeral storage; our columns hold it in MiB.</summary>
    public const string EphemeralStorage = "ephemeral-storage";

    /// <summary>Places for pods on a node.</summary>
    public const string Pods = "pods";

    /// <summary>Prefix of huge page sizes; our columns hold them in MiB.</summary>
    public const string HugePagesPrefix = "hugepages-";

    /// <summary>
    /// A fully qualified name outside <c>kubernetes.io/</c>, counted in whole units, request equal to limit
    /// (<c>pkg/apis/core/v1/helper/helpers.go</c>, <c>IsExtendedResourceName</c>).
    /// </summary>
    public static bool IsExtended(string name) =>
        name.Contains('/') && !name.Contains("kubernetes.io/", StringComparison.Ordinal) && !name.StartsWith("requests.", StringComparison.Ordinal);

    /// <summary>Huge pages of some size.</summary>
    public static bool IsHugePages(string name) => name.StartsWith(HugePagesPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether kube-scheduler looks for this name of a pod's request on nodes (<c>pkg/scheduler/framework/types.go</c>, <c>Resource.Add</c>);
    /// <c>pods</c> is not, since every pod counts as one.
    /// </summary>
    public static bool IsScheduled(string name) =>
        name is Cpu or Memory or EphemeralStorage || IsHugePages(name) || name.Contains('/')
            || name.StartsWith("attachable-volumes-", StringComparison.Ordinal);

    /// <summary>The unit in which a request (rounded up) or a capacity (rounded down) is counted in the columns.</summary>
    public static long ToColumnUnits(string name, Quantity quantity, bool isRequest) => UnitOf(name) switch
    {
        ResourceUnit.Milli => isRequest ? quantity.MilliCeiling : quantity.MilliFloor,
        ResourceUnit.MiB => isRequest ? quantity.MiBCeiling : quantity.MiBFloor,
        _ => isRequest ? quantity.UnitsCeiling : quantity.UnitsFloor,
    };

    /// <summary>The column unit of a resource.</summary>
    public static ResourceUnit UnitOf(string name) =>
        name is Cpu ? ResourceUnit.Milli
        : name is Memory or EphemeralStorage || IsHugePages(name) ? ResourceUnit.MiB
        : ResourceUnit.Count;
}

/// <summary>The unit in which columns hold a resource.</summary>
public enum ResourceUnit
{
    /// <summary>Whole things: GPUs, slices, pods.</summary>
    Count,

    /// <summary>Thousandths: CPU.</summary>
    Milli,

    /// <summary>2²⁰ bytes: memory, storage, huge pages.</summary>
    MiB,
}
