using System.Diagnostics.CodeAnalysis;

namespace GpuScheduler.Core.Ledger;

/// <summary>All pods on record, by UID and by name.</summary>
internal sealed class PodTable
{
    private readonly SlotIndex _byUid = new();
    private readonly SlotIndex _byName = new();

    /// <summary>Where they are; others who are on nodes as pods are have their slots here too.</summary>
    public PodSlots Slots { get; } = new();

    /// <summary>How many there are.</summary>
    public int Count => _byUid.Count;

    /// <summary>All of them.</summary>
    public IEnumerable<PodEntry> All
    {
        get
        {
            for (var slot = 0; slot < Slots.End; slot++)
            {
                if (Slots[slot] is { IsReservation: false } entry) yield return entry;
            }
        }
    }

    /// <summary>The pod of a UID; null when there is none.</summary>
    public PodEntry? Find(string uid)
    {
        foreach (var slot in _byUid.With(HashOf(uid)))
        {
            if (Slots[slot] is { } entry && entry.Pod.Uid == uid) return entry;
        }

        return null;
    }

    /// <summary>The pod of a UID.</summary>
    public bool TryFind(string uid, [NotNullWhen(true)] out PodEntry? entry) => (entry = Find(uid)) is not null;

    /// <summary>The pod that a name stands for; null when there is none.</summary>
    public PodEntry? Find(string podNamespace, string name)
    {
        foreach (var slot in _byName.With(HashOf(podNamespace, name)))
        {
            if (Slots[slot] is { } entry && entry.Pod.Name == name && entry.Pod.Namespace == podNamespace) return entry;
        }

        return null;
    }

    /// <summary>Adds a pod whose UID is not there; its name stands for it from here on.</summary>
    public void Add(PodEntry entry)
    {
        Slots.Take(entry);
        _byUid.Add(entry.Slot, HashOf(entry.Pod.Uid));
        Name(entry);
    }

    /// <summary>Has a pod's name stand for it, also where it stood for another.</summary>
    public void Name(PodEntry entry)
    {
        var (podNamespace, name) = (entry.Pod.Namespace, entry.Pod.Name);
        if (Find(podNamespace, name) is { } holder)
        {
            if (ReferenceEquals(holder, entry)) return;
            _byName.Remove(holder.Slot);
        }

        _byName.Remove(entry.Slot);
        _byName.Add(entry.Slot, HashOf(podNamespace, name));
    }

    /// <summary>Takes a pod away.</summary>
    public void Remove(PodEntry entry)
    {
        _byUid.Remove(entry.Slot);
        _byName.Remove(entry.Slot);
        Slots.Free(entry);
    }

    private static int HashOf(string uid) => uid.GetHashCode(StringComparison.Ordinal);

    private static int HashOf(string podNamespace, string name) => HashCode.Combine(podNamespace, name);
}
