namespace GpuScheduler.Core.Sharing;

/// <summary>In whose words the GPUs of a node are shared, and a pod asks for a part of one.</summary>
public enum SharingDialect
{
    /// <summary>Not shared by memory; thousandths (<c>gpu-scheduler.io/gpu-milli</c>) need no dialect.</summary>
    None,

    /// <summary>gpushare: <c>aliyun.com/gpu-mem</c>, <c>aliyun.com/gpu-count</c>.</summary>
    GpuShare,

    /// <summary>Volcano GPU share: <c>volcano.sh/gpu-memory</c>, <c>volcano.sh/gpu-number</c>.</summary>
    VolcanoGpu,

    /// <summary>Volcano vGPU: <c>volcano.sh/vgpu-number</c>, <c>-memory</c>, <c>-memory-percentage</c>, <c>-cores</c>.</summary>
    VolcanoVgpu,

    /// <summary>Time-slicing or MPS replicas of the NVIDIA device plugin: which replica is on which card is not known.</summary>
    Replicas,
}
