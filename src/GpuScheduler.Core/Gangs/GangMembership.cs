using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs;

/// <summary>What a pod says of the gang it belongs to.</summary>
/// <param name="Key">Which gang.</param>
/// <param name="MinSize">With how many pods at least the gang starts; 0 when the pod does not say.</param>
/// <param name="Topology">How close it wants to be.</param>
public sealed record GangMembership(GangKey Key, int MinSize, TopologyWish Topology)
{
    /// <summary>
    /// The APIs that gangs are written in, the first that applies to a pod counts: what was written for a scheduler to read before what only
    /// tells which controller made the pod.
    /// </summary>
    private static readonly IGangSource[] Sources =
    [
        new Sources.OwnGangs(), new Sources.NativeGangs(), new Sources.CoschedulingGangs(), new Sources.VolcanoGangs(), new Sources.KoordinatorGangs(),
        new Sources.LeaderWorkerSetGangs(), new Sources.JobSetGangs(), new Sources.KubeflowGangs(),
    ];

    /// <summary>The gang of a pod; null when it belongs to none.</summary>
    public static GangMembership? Of(Pod pod)
    {
        // Most pods keep no label and no annotation at all.
        if (pod.Labels.Count == 0 && pod.Annotations.Count == 0 && pod.SchedulingGroup.Length == 0) return null;
        foreach (var source in Sources)
        {
            if (source.Read(pod) is not { } named) continue;
            return new GangMembership(
                new GangKey(source.Kind, pod.Namespace, named.Name), named.MinSize > 0 ? named.MinSize : Sources[0].SizeOf(pod), TopologyWishes.Of(pod));
        }

        return null;
    }
}
