using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs;

/// <summary>A pod that a plan must find a place for.</summary>
/// <param name="Shape">What it asks for.</param>
/// <param name="Selection">The nodes it accepts; null for any.</param>
/// <param name="Uid">Its UID; null for one that does not exist yet.</param>
internal readonly record struct GangMember(PodShape Shape, NodeSelection? Selection, string? Uid);

/// <summary>Pods of a gang that are alike.</summary>
/// <param name="Shape">What each asks for.</param>
/// <param name="Selection">The nodes they accept; null for any.</param>
/// <param name="Members">The pods.</param>
internal sealed record GangKind(PodShape Shape, NodeSelection? Selection, List<GangMember> Members);

/// <summary>What a gang still asks for.</summary>
internal static class GangDemand
{
    /// <summary>The pods that wait and, while the gang has not started, as many more as it needs to; those are taken to be like most of the known ones.</summary>
    public static List<GangMember> Of(Gang gang)
    {
        var members = new List<GangMember>(Math.Max(gang.Waiting.Length, gang.Quorum));
        foreach (var pod in gang.Waiting) members.Add(new GangMember(pod.Shape, pod.NodeSelection, pod.Uid));
        var missing = gang.Quorum - gang.Count;
        if (missing <= 0 || members.Count == 0) return members;
        var usual = Group(members).MaxBy(kind => kind.Members.Count)!;
        for (var i = 0; i < missing; i++) members.Add(new GangMember(usual.Shape, usual.Selection, null));
        return members;
    }

    /// <summary>The kinds of pods among them, those that are hardest to place first.</summary>
    public static List<GangKind> Group(List<GangMember> members)
    {
        var kinds = new List<GangKind>();
        foreach (var member in members)
        {
            var kind = kinds.Find(kind => kind.Shape.Equals(member.Shape) && Equals(kind.Selection, member.Selection));
            if (kind is null) kinds.Add(kind = new GangKind(member.Shape, member.Selection, []));
            kind.Members.Add(member);
        }

        kinds.Sort(static (a, b) =>
        {
            var order = b.Shape.Gpu.TotalMilli.CompareTo(a.Shape.Gpu.TotalMilli);
            if (order == 0) order = b.Shape.CpuMilli.CompareTo(a.Shape.CpuMilli);
            return order != 0 ? order : b.Shape.MemoryMiB.CompareTo(a.Shape.MemoryMiB);
        });
        return kinds;
    }
}
