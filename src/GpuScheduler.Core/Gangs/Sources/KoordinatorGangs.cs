using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>Koordinator's annotations <c>gang.scheduling.koordinator.sh/name</c> and <c>/min-available</c>.</summary>
internal sealed class KoordinatorGangs : IGangSource
{
    private const string NameAnnotation = "gang.scheduling.koordinator.sh/name";
    private const string SizeAnnotation = "gang.scheduling.koordinator.sh/min-available";

    public string Kind => "koordinator-gang";

    public (string Name, int MinSize)? Read(Pod pod) =>
        Text(pod, NameAnnotation) is { } name ? (name, Number(Text(pod, SizeAnnotation))) : null;
}
