namespace GpuScheduler.Core.Ledger;

/// <summary>Finds slots by hash: a chain of them for every bucket. Nothing but numbers, so that the collector has nothing to look at.</summary>
internal sealed class SlotIndex
{
    private const int None = -1;
    private const int NotHere = -2;
    private const int LeastBuckets = 16;

    private int[] _heads = Filled(LeastBuckets, None);
    private int[] _next = Filled(LeastBuckets, NotHere);
    private int[] _hashes = new int[LeastBuckets];

    /// <summary>How many slots it finds.</summary>
    public int Count { get; private set; }

    /// <summary>The slots that were added with a hash, and perhaps others.</summary>
    public Candidates With(int hash) => new(this, _heads[BucketOf(hash)]);

    /// <summary>Adds a slot that is not there.</summary>
    public void Add(int slot, int hash)
    {
        if (slot >= _next.Length)
        {
            var known = _next.Length;
            Array.Resize(ref _next, Math.Max(slot + 1, known * 2));
            Array.Fill(_next, NotHere, known, _next.Length - known);
            Array.Resize(ref _hashes, _next.Length);
        }

        if (Count == _heads.Length) Grow();
        _hashes[slot] = hash;
        Link(slot);
        Count++;
    }

    /// <summary>Takes a slot away, if it is there.</summary>
    public void Remove(int slot)
    {
        if (slot >= _next.Length || _next[slot] == NotHere) return;
        ref var at = ref _heads[BucketOf(_hashes[slot])];
        while (at != slot) at = ref _next[at];
        at = _next[slot];
        _next[slot] = NotHere;
        Count--;
    }

    private static int[] Filled(int length, int value)
    {
        var numbers = new int[length];
        Array.Fill(numbers, value);
        return numbers;
    }

    private int BucketOf(int hash) => hash & (_heads.Length - 1);

    private void Link(int slot)
    {
        ref var head = ref _heads[BucketOf(_hashes[slot])];
        _next[slot] = head;
        head = slot;
    }

    private void Grow()
    {
        var old = _heads;
        _heads = Filled(old.Length * 2, None);
        foreach (var head in old)
        {
            for (var slot = head; slot != None;)
            {
                var next = _next[slot];
                Link(slot);
                slot = next;
            }
        }
    }

    /// <summary>The slots of one bucket.</summary>
    /// <param name="index">The index.</param>
    /// <param name="first">The first of them.</param>
    public struct Candidates(SlotIndex index, int first)
    {
        private int _following = first;

        /// <summary>The slot reached.</summary>
        public int Current { get; private set; } = None;

        /// <summary>For <c>foreach</c>.</summary>
        public readonly Candidates GetEnumerator() => this;

        /// <summary>Goes on to the next.</summary>
        public bool MoveNext()
        {
            if ((Current = _following) == None) return false;
            _following = index._next[Current];
            return true;
        }
    }
}
