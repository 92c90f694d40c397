using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// Our own labels or annotations: <c>gpu-scheduler.io/gang</c> names the gang, <c>gpu-scheduler.io/gang-size</c> says how many pods start together.
/// A size alone makes a gang of the pods of one controller, such as an indexed Job.
/// </summary>
internal sealed class OwnGangs : IGangSource
{
    public const string NameKey = "gpu-scheduler.io/gang";
    public const string SizeKey = "gpu-scheduler.io/gang-size";

    public string Kind => "gang";

    public (string Name, int MinSize)? Read(Pod pod)
    {
        var size = Number(Text(pod, SizeKey));
        if (Text(pod, NameKey) is { } name) return (name, size);

        // A Kubeflow job or a JobSet has many controllers' pods in one gang: their own reader knows which.
        return size > 0 && pod.ControllerKind is "Job" or "StatefulSet" && !IsPartOfMore(pod) ? ($"{pod.ControllerKind}-{pod.ControllerName}", size) : null;
    }

    private static bool IsPartOfMore(Pod pod) =>
        Text(pod, JobSetGangs.NameLabel) is not null || Text(pod, LeaderWorkerSetGangs.NameLabel) is not null || Text(pod, KubeflowGangs.JobLabel) is not null
        || Text(pod, CoschedulingGangs.GroupLabel) is not null || Text(pod, VolcanoGangs.GroupAnnotation) is not null || pod.SchedulingGroup.Length > 0;
}
