using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// Kubernetes' own, alpha in 1.36: <c>spec.schedulingGroup.podGroupName</c> names a <c>PodGroup</c> of <c>scheduling.k8s.io/v1alpha2</c>, whose
/// <c>gang.minCount</c> is the size (<c>staging/src/k8s.io/api/scheduling/v1alpha2/types.go</c>).
/// </summary>
internal sealed class NativeGangs : IGangSource
{
    public string Kind => PodGroup.Native;

    public (string Name, int MinSize)? Read(Pod pod) => pod.SchedulingGroup.Length > 0 ? (pod.SchedulingGroup, 0) : null;
}
