using System.Collections;

namespace GpuScheduler.Core.Ledger;

/// <summary>The pods on a node in the order in which they came, by their slots.</summary>
internal sealed class NodePods(PodSlots slots) : IReadOnlyCollection<PodEntry>
{
    private int[] _slots = [];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>Adds a pod that has a slot and is not there.</summary>
    public void Add(PodEntry entry)
    {
        const int Few = 4;
        if (Count == _slots.Length) Array.Resize(ref _slots, Math.Max(Few, Count * 2));
        _slots[Count++] = entry.Slot;
    }

    /// <summary>Takes a pod away; a node has so few that looking at all of them is nothing.</summary>
    public void Remove(PodEntry entry)
    {
        var at = Array.IndexOf(_slots, entry.Slot, 0, Count);
        if (at < 0) return;
        Count--;
        Array.Copy(_slots, at + 1, _slots, at, Count - at);
    }

    /// <inheritdoc/>
    public IEnumerator<PodEntry> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return slots[_slots[i]]!;
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
