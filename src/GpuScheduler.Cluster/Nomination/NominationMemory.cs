using GpuScheduler.Core.Objects;

namespace GpuScheduler.Cluster.Nomination;

/// <summary>Whose nomination a waiting pod carries.</summary>
internal enum NominationOwner
{
    /// <summary>Another's: preemption, another component, or an earlier life of this process. Never touched.</summary>
    Another,

    /// <summary>Ours.</summary>
    Us,

    /// <summary>It carries none.</summary>
    None,
}

/// <summary>A waiting pod and its nomination.</summary>
/// <param name="Pod">The pod as the watch last showed it.</param>
/// <param name="Owner">Whose nomination it is.</param>
/// <param name="NodeName">The node; null without a nomination.</param>
/// <param name="MayWrite">Whether we may write now: not while the watch has yet to show our last write, nor while the pod is left in peace.</param>
internal readonly record struct WaitingPod(Pod Pod, NominationOwner Owner, string? NodeName, bool MayWrite);

/// <summary>
/// Remembers which nominations are ours, by UID and node. Every write is made on the condition that the pod still has the version it was
/// decided on, so the first other version that the watch shows tells what became of the write, however late it comes.
/// </summary>
internal sealed class NominationMemory
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>UIDs of the pods that there is something to remember about.</summary>
    public IEnumerable<string> Uids => _entries.Keys;

    /// <summary>Nominations of ours that somebody else replaced or took away.</summary>
    public long Overruled { get; private set; }

    /// <summary>The pod is placed or gone.</summary>
    public void Forget(string uid) => _entries.Remove(uid);

    /// <summary>When the first of the pods that are left in peace may be looked at again; null when there is none.</summary>
    public long? NextRest(long now)
    {
        long? next = null;
        foreach (var entry in _entries.Values)
        {
            if (entry.RestUntil > now && (next is null || entry.RestUntil < next)) next = entry.RestUntil;
        }

        return next;
    }

    /// <summary>The server took the write.</summary>
    public void Written(Pod pod, string? nodeName) => _entries[pod.Uid] = new Entry(nodeName, pod.ResourceVersion, isAnswered: true);

    /// <summary>The server did not take the write because the pod is no longer what we think: nothing more until the watch shows what it is.</summary>
    public void Refused(WaitingPod pod) => _entries[pod.Pod.Uid] = new Entry(pod.NodeName, pod.Pod.ResourceVersion, isAnswered: true);

    /// <summary>It is open whether the server took the write: it is believed in until the watch shows the pod anew, or the time has passed.</summary>
    public void Unanswered(Pod pod, string? nodeName, long until) =>
        _entries[pod.Uid] = new Entry(nodeName, pod.ResourceVersion, isAnswered: false) { RestUntil = until };

    /// <summary>What a waiting pod's nomination is now.</summary>
    /// <param name="pod">The pod as the watch last showed it.</param>
    /// <param name="now">The time.</param>
    /// <param name="restUntil">How long a pod is left in peace whose nomination somebody took away.</param>
    public WaitingPod See(Pod pod, long now, long restUntil)
    {
        if (!_entries.TryGetValue(pod.Uid, out var entry)) return Unknown(pod);
        if (!entry.IsSeen)
        {
            if (pod.ResourceVersion == entry.BaseVersion)
            {
                if (entry.IsAnswered || now < entry.RestUntil) return View(pod, entry.NodeName, mayWrite: false);
                entry.NodeName = pod.NominatedNodeName;
            }

            entry.IsSeen = true;
        }

        if (pod.NominatedNodeName == entry.NodeName)
        {
            if (entry.NodeName is not null)
            {
                entry.IsAnswered = true;
                return View(pod, entry.NodeName, mayWrite: true);
            }

            if (now < entry.RestUntil && entry.IsAnswered) return View(pod, null, mayWrite: false);
            _entries.Remove(pod.Uid);
            return View(pod, null, mayWrite: true);
        }

        var isOverruled = entry.NodeName is not null && entry.IsAnswered;
        if (isOverruled) Overruled++;
        if (isOverruled && pod.NominatedNodeName is null)
        {
            // kube-scheduler found no place for it where we saw one: it knows more than we do.
            _entries[pod.Uid] = new Entry(null, pod.ResourceVersion, isAnswered: true) { IsSeen = true, RestUntil = restUntil };
            return View(pod, null, mayWrite: false);
        }

        _entries.Remove(pod.Uid);
        return Unknown(pod);
    }

    private static WaitingPod View(Pod pod, string? nodeName, bool mayWrite) =>
        new(pod, nodeName is null ? NominationOwner.None : NominationOwner.Us, nodeName, mayWrite);

    private static WaitingPod Unknown(Pod pod) => pod.NominatedNodeName is { } node
        ? new(pod, NominationOwner.Another, node, MayWrite: false)
        : new(pod, NominationOwner.None, null, MayWrite: true);

    private sealed class Entry(string? nodeName, ResourceVersion baseVersion, bool isAnswered)
    {
        /// <summary>What we wrote; null: taken back, or nothing.</summary>
        public string? NodeName { get; set; } = nodeName;

        /// <summary>The version of the pod that the write was made on.</summary>
        public ResourceVersion BaseVersion { get; } = baseVersion;

        /// <summary>Whether we know what became of the write.</summary>
        public bool IsAnswered { get; set; } = isAnswered;

        /// <summary>The watch has shown the pod since.</summary>
        public bool IsSeen { get; set; }

        public long RestUntil { get; init; }
    }
}
