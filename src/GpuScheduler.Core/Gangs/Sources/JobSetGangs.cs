using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// JobSet: all pods of a JobSet are one gang (<c>jobset.sigs.k8s.io/jobset-name</c>). How many pods its jobs have stands in no label, so the size is
/// <c>gpu-scheduler.io/gang-size</c> in the pod template.
/// </summary>
internal sealed class JobSetGangs : IGangSource
{
    public const string NameLabel = "jobset.sigs.k8s.io/jobset-name";

    public string Kind => "JobSet";

    public (string Name, int MinSize)? Read(Pod pod) => Text(pod, NameLabel) is { } name ? (name, 0) : null;
}
