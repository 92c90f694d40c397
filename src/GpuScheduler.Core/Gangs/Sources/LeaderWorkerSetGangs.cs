using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// LeaderWorkerSet: every group of a leader and its workers is a gang of its own. Labels <c>leaderworkerset.sigs.k8s.io/name</c> and
/// <c>/group-index</c>, annotation <c>/size</c> (kubernetes-sigs/lws <c>api/leaderworkerset/v1/leaderworkerset_types.go</c>).
/// </summary>
internal sealed class LeaderWorkerSetGangs : IGangSource
{
    public const string NameLabel = "leaderworkerset.sigs.k8s.io/name";
    private const string IndexLabel = "leaderworkerset.sigs.k8s.io/group-index";
    private const string SizeAnnotation = "leaderworkerset.sigs.k8s.io/size";

    public string Kind => "LeaderWorkerSet";

    public (string Name, int MinSize)? Read(Pod pod) =>
        Text(pod, NameLabel) is { } name && Text(pod, IndexLabel) is { } index ? ($"{name}-{index}", Number(Text(pod, SizeAnnotation))) : null;
}
