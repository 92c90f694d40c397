using System.Collections.Immutable;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Where all pods of a gang go that have no node yet, or why they cannot start. A plan reserves nothing; it is what follows from a snapshot. Immutable.
/// </summary>
public sealed class GangPlan
{
    private readonly Dictionary<string, int> _placeOf = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Builds a plan.</summary>
    /// <param name="gang">See <see cref="Gang"/>.</param>
    /// <param name="places">See <see cref="Places"/>.</param>
    /// <param name="domain">See <see cref="Domain"/>.</param>
    /// <param name="reason">See <see cref="Reason"/>.</param>
    public GangPlan(Gang gang, ImmutableArray<GangPlace> places, string domain, string reason)
    {
        Gang = gang;
        Places = places;
        Domain = domain;
        Reason = reason;
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i].Uid is { } uid) _placeOf[uid] = i;
        }

        _lookup = _placeOf.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The gang as it was planned.</summary>
    public Gang Gang { get; }

    /// <summary>
    /// A place for every pod that waits and, as far as the gang needs more to start, for pods that do not exist yet. Empty when the gang cannot start.
    /// Of a gang that has started, pods that do not fit have no place.
    /// </summary>
    public ImmutableArray<GangPlace> Places { get; }

    /// <summary>The smallest topology domain that holds all of it, e.g. <c>nvidia.com/gpu.clique=c1</c>; empty when that is the whole cluster.</summary>
    public string Domain { get; }

    /// <summary>Why pods without a place have none: how many of how many fit, what is missing, and where; empty when all have one.</summary>
    public string Reason { get; }

    /// <summary>The gang can start, or has started.</summary>
    public bool Fits => Gang.IsStarted || Reason.Length == 0;

    /// <summary>The place of a pod that waits, as an index of <see cref="Places"/>; -1 when it has none. Allocates nothing.</summary>
    public int PlaceOf(ReadOnlySpan<char> uid) => _lookup.TryGetValue(uid, out var index) ? index : -1;

    /// <summary>
    /// The place that a pod takes when it goes to a node: its own, or that of a pod like it there; when it goes elsewhere it leaves its own unused.
    /// Null when there is no place for a pod like it.
    /// </summary>
    public GangPlace? PlaceFor(Pod pod, string nodeName)
    {
        var own = PlaceOf(pod.Uid);
        if (own >= 0 && Places[own].NodeName == nodeName) return Places[own];
        GangPlace? like = null;
        foreach (var place in Places)
        {
            if (!place.Shape.Equals(pod.Shape)) continue;
            if (place.NodeName == nodeName) return place;
            like ??= place;
        }

        return own >= 0 ? Places[own] : like;
    }
}
