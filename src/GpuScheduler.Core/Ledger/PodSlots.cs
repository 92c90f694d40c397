namespace GpuScheduler.Core.Ledger;

/// <summary>
/// Numbers for the accounts of pods, by which others refer to them. References lie here in the order in which pods came, and nowhere else: of old
/// memory that refers to new, the collector looks through every piece, and with a dictionary of pods on every node these pieces, none of them in a
/// cache, were two thirds of its pauses when pods come fast.
/// </summary>
internal sealed class PodSlots
{
    private const int ChunkShift = 10;
    private const int ChunkMask = (1 << ChunkShift) - 1;

    // Chunks, so that growing neither copies what is there nor makes large objects.
    private readonly List<PodEntry?[]> _chunks = [];
    private readonly List<PodLink[]> _links = [];
    private readonly Queue<int> _free = new();

    /// <summary>All slots ever taken are below.</summary>
    public int End { get; private set; }

    /// <summary>Who has a slot; null when nobody does.</summary>
    public PodEntry? this[int slot] => Place(slot);

    /// <summary>Who is beside a slot that is taken, in the list it is in (<see cref="NodePods"/>).</summary>
    public ref PodLink LinkOf(int slot) => ref _links[slot >> ChunkShift][slot & ChunkMask];

    /// <summary>Gives a pod a slot: the one that has been free for longest, because those beside it are likely to be taken next.</summary>
    public void Take(PodEntry entry)
    {
        entry.Slot = _free.Count > 0 ? _free.Dequeue() : End++;
        if (entry.Slot >> ChunkShift == _chunks.Count)
        {
            _chunks.Add(new PodEntry?[ChunkMask + 1]);
            _links.Add(new PodLink[ChunkMask + 1]);
        }

        Place(entry.Slot) = entry;
    }

    /// <summary>Takes it back.</summary>
    public void Free(PodEntry entry)
    {
        Place(entry.Slot) = null;
        _free.Enqueue(entry.Slot);
        entry.Slot = PodEntry.NoSlot;
    }

    private ref PodEntry? Place(int slot) => ref _chunks[slot >> ChunkShift][slot & ChunkMask];
}
