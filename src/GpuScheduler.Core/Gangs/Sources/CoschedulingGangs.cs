using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// The coscheduling plugin of kubernetes-sigs/scheduler-plugins: the label <c>scheduling.x-k8s.io/pod-group</c> names a PodGroup whose
/// <c>spec.minMember</c> is the size; its lightweight form of before 0.20 has name and size in labels
/// (<c>pod-group.scheduling.sigs.k8s.io/name</c>, <c>/min-available</c>).
/// </summary>
internal sealed class CoschedulingGangs : IGangSource
{
    public const string GroupLabel = "scheduling.x-k8s.io/pod-group";
    private const string LightName = "pod-group.scheduling.sigs.k8s.io/name";
    private const string LightSize = "pod-group.scheduling.sigs.k8s.io/min-available";
    private const string OlderGroupLabel = "pod-group.scheduling.sigs.k8s.io";

    public string Kind => PodGroup.Coscheduling;

    public (string Name, int MinSize)? Read(Pod pod) =>
        (Text(pod, GroupLabel) ?? Text(pod, LightName) ?? Text(pod, OlderGroupLabel)) is { } name ? (name, Number(Text(pod, LightSize))) : null;
}
