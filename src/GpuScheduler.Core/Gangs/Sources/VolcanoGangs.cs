using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// Volcano, and the Kubeflow training operator's gangs by Volcano: the annotation <c>scheduling.k8s.io/group-name</c> names a PodGroup of
/// <c>scheduling.volcano.sh/v1beta1</c>; <c>scheduling.volcano.sh/group-min-member</c> may give the size on the pod
/// (volcano-sh/apis <c>pkg/apis/scheduling/v1beta1/labels.go</c>).
/// </summary>
internal sealed class VolcanoGangs : IGangSource
{
    public const string GroupAnnotation = "scheduling.k8s.io/group-name";
    private const string SizeAnnotation = "scheduling.volcano.sh/group-min-member";

    public string Kind => PodGroup.Volcano;

    public (string Name, int MinSize)? Read(Pod pod) =>
        Text(pod, GroupAnnotation) is { } name ? (name, Number(Text(pod, SizeAnnotation))) : null;
}
