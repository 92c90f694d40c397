using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Ledger;

/// <summary>The writer's account of gangs: who belongs to which, and what is held for whom. Told of every change of a pod's entry.</summary>
/// <param name="isOurs">Whether a pod is one that kube-scheduler asks us about.</param>
internal sealed class GangBook(Func<Pod, bool> isOurs)
{
    private readonly Dictionary<GangKey, GangEntry> _gangs = [];
    private readonly Dictionary<GangKey, PodGroup> _groups = [];
    private readonly HashSet<string> _followed = [];
    private readonly HashSet<GangEntry> _changed = [];
    private readonly GangIndex.Builder _index = new();
    private GangIndex _published = GangIndex.Empty;

    /// <summary>Something changed since the last <see cref="Publish"/>.</summary>
    public bool IsDirty => _changed.Count > 0;

    /// <summary>The gang of that name; null when it has no pods.</summary>
    public GangEntry? Find(GangKey key) => _gangs.GetValueOrDefault(key);

    /// <summary>A pod was recorded, or anything of it changed.</summary>
    public void See(PodEntry entry)
    {
        if (!ReferenceEquals(entry.MembershipOf, entry.Pod))
        {
            entry.MembershipOf = entry.Pod;
            var membership = isOurs(entry.Pod) ? GangMembership.Of(entry.Pod) : null;
            if (entry.Gang is not null && entry.Gang.Key != membership?.Key) Leave(entry);
            entry.Membership = membership;
            if (membership is not null && entry.Gang is null) Join(entry, membership.Key);
        }

        if (entry.Gang is { } gang) _changed.Add(gang);
    }

    /// <summary>A pod is gone.</summary>
    public void Leave(PodEntry entry)
    {
        if (entry.Gang is not { } gang) return;
        gang.Members.Remove(entry.Pod.Uid);
        entry.Gang = null;
        _index.Leave(entry.Pod.Uid);
        _changed.Add(gang);
    }

    /// <summary>Something of a gang besides its pods changed.</summary>
    public void Touch(GangEntry gang) => _changed.Add(gang);

    /// <summary>Objects of this kind are followed from now on.</summary>
    public void Follow(string kind)
    {
        _followed.Add(kind);
        _changed.UnionWith(_gangs.Values.Where(gang => gang.Key.Kind == kind));
    }

    /// <summary>The object behind a gang came, or changed.</summary>
    public void Set(PodGroup group)
    {
        _groups[group.Key] = group;
        if (Find(group.Key) is { } gang) _changed.Add(gang);
    }

    /// <summary>The object behind a gang is gone.</summary>
    public void Remove(GangKey group)
    {
        if (_groups.Remove(group) && Find(group) is { } gang) _changed.Add(gang);
    }

    /// <summary>The gangs as they are now.</summary>
    public GangIndex Publish()
    {
        if (!IsDirty) return _published;
        foreach (var gang in _changed)
        {
            if (gang.Members.Count > 0)
            {
                _index.Set(Describe(gang));
            }
            else if (gang.Hold is null)
            {
                _gangs.Remove(gang.Key);
                _index.Remove(gang.Key);
            }
        }

        _changed.Clear();
        return _published = _index.Build();
    }

    /// <summary>A gang as it is now.</summary>
    public Gang Describe(GangEntry gang)
    {
        var group = _groups.GetValueOrDefault(gang.Key);
        var waiting = new List<Pod>();
        var placed = new List<GangPlace>();
        var minSize = group?.MinMember ?? 0;
        var topology = group?.Topology ?? TopologyWish.None;
        var (priority, created) = (int.MinValue, DateTimeOffset.MaxValue);
        foreach (var member in gang.Members.Values)
        {
            var (pod, membership) = (member.Pod, member.Membership!);
            if (group is null or { MinMember: 0 }) minSize = Math.Max(minSize, membership.MinSize);
            if (topology == TopologyWish.None) topology = membership.Topology;
            priority = Math.Max(priority, pod.Priority);
            if (pod.CreatedAt < created) created = pod.CreatedAt;
            if (member.Node is { } node) placed.Add(new GangPlace(pod.Shape, node.Name, pod.Uid));
            else if (!pod.IsTerminating) waiting.Add(pod);
        }

        waiting.Sort(static (a, b) => a.Name.Length != b.Name.Length ? a.Name.Length.CompareTo(b.Name.Length) : string.CompareOrdinal(a.Name, b.Name));
        return new Gang
        {
            Key = gang.Key,
            MinSize = minSize,
            Topology = topology,
            Priority = priority,
            CreatedAt = created,
            Waiting = [.. waiting],
            Placed = [.. placed],
            Held = gang.Hold is { } hold ? [.. hold.Places.Select(place => new GangPlace(place.Pod.Shape, place.Node!.Name, null))] : null,
            IsStarted = gang.HasStarted,
            IsSetAside = gang.IsSetAside,
            IsUnknown = group is null && minSize == 0 && _followed.Contains(gang.Key.Kind),
        };
    }

    private void Join(PodEntry entry, GangKey key)
    {
        if (!_gangs.TryGetValue(key, out var gang)) _gangs.Add(key, gang = new GangEntry(key));
        gang.Members.Add(entry.Pod.Uid, entry);
        entry.Gang = gang;
        gang.IsSetAside = false;
        _index.Join(entry.Pod.Uid, key);
    }
}
