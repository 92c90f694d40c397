using GpuScheduler.Core.Gangs;

namespace GpuScheduler.Core.Ledger;

/// <summary>The writer's account of one gang.</summary>
internal sealed class GangEntry(GangKey key)
{
    public GangKey Key { get; } = key;

    /// <summary>Its pods by UID, waiting ones included.</summary>
    public Dictionary<string, PodEntry> Members { get; } = [];

    /// <summary>What is held while its pods are being bound; null when nothing is.</summary>
    public GangHold? Hold { get; set; }

    public bool IsSetAside { get; set; }

    /// <summary>A pod is on its node for good: confirmed, or assumed and no longer held back.</summary>
    public bool HasStarted
    {
        get
        {
            foreach (var member in Members.Values)
            {
                if (member.State == PodState.Confirmed || (member.State == PodState.Assumed && Hold?.Arrived.Contains(member.Pod.Uid) != true)) return true;
            }

            return false;
        }
    }
}

/// <summary>The room of a gang of which some pods have come to be bound, and the others have not yet.</summary>
/// <param name="quorum">With how many it starts.</param>
internal sealed class GangHold(int quorum)
{
    /// <summary>With how many it starts.</summary>
    public int Quorum { get; } = quorum;

    /// <summary>UIDs of the pods that have come; assumed.</summary>
    public HashSet<string> Arrived { get; } = [];

    /// <summary>Places of those to come. Each is counted on its node as a pod would be.</summary>
    public List<PodEntry> Places { get; } = [];
}
