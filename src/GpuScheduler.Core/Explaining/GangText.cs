using GpuScheduler.Core.Gangs;

namespace GpuScheduler.Core.Explaining;

/// <summary>Says what a gang's plan means for one of its waiting pods.</summary>
internal static class GangText
{
    /// <summary>Of a pod that has a place: what it still waits for.</summary>
    public static string Planned(GangPlan plan, Objects.Pod pod, string node)
    {
        var gang = plan.Gang;
        var goesTo = $"{pod.Name} goes to {node}";
        if (gang.IsStarted) return $"{gang.Key}: it runs, and {goesTo}";
        var where = plan.Domain.Length > 0 ? $" in {plan.Domain}" : "";
        return gang.IsIncomplete
            ? $"{gang.Key}: {gang.Count} of its {gang.Quorum} pods exist, and all would fit at once{where}; {goesTo} once {ShapeAnswer.Count(gang.Quorum - gang.Count, "more pod")} exist{(gang.Quorum - gang.Count == 1 ? "s" : "")}"
            : $"{gang.Key}: its {gang.Count} pods fit at once{where}; {goesTo}";
    }

    /// <summary>Of a pod that has none: the plan's reason.</summary>
    public static string Waits(GangPlan plan) => plan.Reason.Length > 0 ? plan.Reason
        : $"{plan.Gang.Key}: its room is taken for other pods than this one";
}
