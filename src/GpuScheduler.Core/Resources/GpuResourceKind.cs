namespace GpuScheduler.Core.Resources;

/// <summary>What one unit of an extended resource means for the GPUs of a node.</summary>
public enum GpuResourceKind
{
    /// <summary>Not a GPU resource.</summary>
    None,

    /// <summary>One whole device (<c>nvidia.com/gpu</c> on an unshared node, <c>amd.com/gpu</c>, <c>gpu.intel.com/i915</c>, <c>gpu.intel.com/xe</c>).</summary>
    Whole,

    /// <summary>One replica of a time-sliced or MPS-shared device (<c>nvidia.com/gpu.shared</c>).</summary>
    Replica,

    /// <summary>One MIG device of a profile (<c>nvidia.com/mig-3g.20gb</c>).</summary>
    MigSlice,

    /// <summary>One thousandth of one device (<c>gpu-scheduler.io/gpu-milli</c>).</summary>
    Milli,

    /// <summary>An amount of memory of one shared device (<c>aliyun.com/gpu-mem</c>, <c>volcano.sh/gpu-memory</c>).</summary>
    SharedMemory,

    /// <summary>A count that accompanies a shared-memory resource (<c>aliyun.com/gpu-count</c>, <c>volcano.sh/gpu-number</c>).</summary>
    SharedCount,
}
