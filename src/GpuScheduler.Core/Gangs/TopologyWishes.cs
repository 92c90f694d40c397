using System.Globalization;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Reads how close a gang wants to be from its pods' annotations: ours, Kueue's (<c>apis/kueue/v1beta2/topology_types.go</c>), KAI's
/// (<c>docs/topology</c>) and Volcano's (<c>volcano.sh/network-topology-mode</c>, <c>-highest-tier</c>). Of each kind the first that is given counts.
/// </summary>
internal static class TopologyWishes
{
    public const string RequiredKey = "gpu-scheduler.io/topology-required";
    public const string PreferredKey = "gpu-scheduler.io/topology-preferred";

    private static readonly string[] Required =
        [RequiredKey, "kueue.x-k8s.io/podset-required-topology", "kai.scheduler/topology-required-placement"];

    private static readonly string[] Preferred =
        [PreferredKey, "kueue.x-k8s.io/podset-preferred-topology", "kai.scheduler/topology-preferred-placement"];

    public static TopologyWish Of(Pod pod)
    {
        var (required, preferred) = (First(pod, Required), First(pod, Preferred));
        var tier = required is null && preferred is null ? TierOf(pod) : 0;
        if (required is null && preferred is null && tier == 0) return TopologyWish.None;
        var isSoft = pod.Annotations.GetValueOrDefault("volcano.sh/network-topology-mode") == "soft";
        return new TopologyWish(required, preferred) { RequiredTier = isSoft ? 0 : tier, PreferredTier = isSoft ? tier : 0 };
    }

    private static string? First(Pod pod, string[] keys)
    {
        foreach (var key in keys)
        {
            if (pod.Annotations.TryGetValue(key, out var value) && value.Length > 0) return value;
        }

        return null;
    }

    private static int TierOf(Pod pod) =>
        int.TryParse(pod.Annotations.GetValueOrDefault("volcano.sh/network-topology-highest-tier"), NumberStyles.None, CultureInfo.InvariantCulture, out var tier) ? tier : 0;
}
