using System.Collections;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The pods on a node in the order in which they came: a list that runs through <see cref="PodSlots"/>, where a pod is in one such list at most. Nothing
/// is made when a pod comes. An array of its own for every node would be new memory that old memory refers to, in as many places as there are nodes.
/// </summary>
internal sealed class NodePods(PodSlots slots) : IReadOnlyCollection<PodEntry>
{
    private int _first = PodEntry.NoSlot;
    private int _last = PodEntry.NoSlot;

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>Adds a pod that has a slot and is on no node.</summary>
    public void Add(PodEntry entry)
    {
        slots.LinkOf(entry.Slot) = new PodLink(_last, PodEntry.NoSlot);
        if (Count == 0) _first = entry.Slot;
        else slots.LinkOf(_last).Next = entry.Slot;
        _last = entry.Slot;
        Count++;
    }

    /// <summary>Takes away a pod that is there.</summary>
    public void Remove(PodEntry entry)
    {
        var (previous, next) = slots.LinkOf(entry.Slot);
        if (previous == PodEntry.NoSlot) _first = next;
        else slots.LinkOf(previous).Next = next;
        if (next == PodEntry.NoSlot) _last = previous;
        else slots.LinkOf(next).Previous = previous;
        Count--;
    }

    /// <inheritdoc/>
    public IEnumerator<PodEntry> GetEnumerator()
    {
        for (var slot = _first; slot != PodEntry.NoSlot; slot = slots.LinkOf(slot).Next) yield return slots[slot]!;
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
