using System.Collections.Frozen;

namespace GpuScheduler.Core.Resources;

/// <summary>
/// Which extended resources are GPUs, and of which kind. The defaults are the names the vendors' device plugins register;
/// an operator adds renamed ones. Names are matched exactly, except MIG profiles, which are every name under <c>nvidia.com/mig-</c>
/// (k8s-device-plugin <c>internal/rm/rm.go</c>: <c>"mig-" + profile</c> with <c>+</c> replaced by <c>.</c>).
/// </summary>
public sealed class GpuResourceCatalog
{
    /// <summary>Prefix of the resource names of the NVIDIA plugin's mixed MIG strategy.</summary>
    public const string MigPrefix = "nvidia.com/mig-";

    /// <summary>What the plugin's <c>renameByDefault</c> puts behind the name of a resource whose devices are shared.</summary>
    private const string SharedSuffix = ".shared";

    /// <summary>Our own resource: thousandths of one GPU.</summary>
    public const string GpuMilli = "gpu-scheduler.io/gpu-milli";

    /// <summary>The NVIDIA device plugin's whole-GPU resource.</summary>
    public const string NvidiaGpu = "nvidia.com/gpu";

    private static readonly KeyValuePair<string, GpuResourceKind>[] KnownNames =
    [
        new(NvidiaGpu, GpuResourceKind.Whole),
        new("amd.com/gpu", GpuResourceKind.Whole),
        new("gpu.intel.com/i915", GpuResourceKind.Whole),
        new("gpu.intel.com/xe", GpuResourceKind.Whole),
        new("nvidia.com/gpu.shared", GpuResourceKind.Replica),
        new(GpuMilli, GpuResourceKind.Milli),
        new("aliyun.com/gpu-mem", GpuResourceKind.SharedMemory),
        new("aliyun.com/gpu-count", GpuResourceKind.SharedCount),
        new("volcano.sh/gpu-memory", GpuResourceKind.SharedMemory),
        new("volcano.sh/gpu-number", GpuResourceKind.SharedCount),
        new("volcano.sh/vgpu-memory", GpuResourceKind.SharedMemory),
        new("volcano.sh/vgpu-number", GpuResourceKind.SharedCount),
        new("volcano.sh/vgpu-cores", GpuResourceKind.SharedCount),
        new("volcano.sh/vgpu-memory-percentage", GpuResourceKind.SharedCount),
    ];

    private readonly FrozenDictionary<string, GpuResourceKind> _kinds;

    /// <summary>The vendors' names and, over them, the operator's.</summary>
    /// <param name="extra">Renamed resources (for example a plugin configured with <c>example.com/gpu</c>) and their kind; a known name may be given another kind.</param>
    public GpuResourceCatalog(IEnumerable<KeyValuePair<string, GpuResourceKind>>? extra = null)
    {
        var kinds = new Dictionary<string, GpuResourceKind>(KnownNames);
        foreach (var (name, kind) in extra ?? []) kinds[name] = kind;
        _kinds = kinds.ToFrozenDictionary();
    }

    /// <summary>The vendors' names alone.</summary>
    public static GpuResourceCatalog Default { get; } = new();

    /// <summary>Every exact name the catalog knows, sorted; what kube-scheduler's <c>managedResources</c> must list besides the MIG profiles in use.</summary>
    public IEnumerable<string> Names => _kinds.Keys.Order(StringComparer.Ordinal);

    /// <summary>The kind of a resource, <see cref="GpuResourceKind.None"/> for anything that is not a GPU.</summary>
    public GpuResourceKind KindOf(string resourceName) =>
        _kinds.TryGetValue(resourceName, out var kind) ? kind
        : resourceName.StartsWith(MigPrefix, StringComparison.Ordinal)
            ? resourceName.EndsWith(SharedSuffix, StringComparison.Ordinal) ? GpuResourceKind.Replica : GpuResourceKind.MigSlice
        : GpuResourceKind.None;
}
