using GpuScheduler.Core.Objects;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// The pod shapes seen lately, by the key their JSON gives (<see cref="Wire.PodKeyReader"/>). Found without a lock and without allocating;
/// different keys of equal shapes share one <see cref="ShapeAnswers"/>. Bounded: in a full bucket the key longest not used makes room.
/// </summary>
internal sealed class ShapeMemory
{
    private const int Ways = 8;

    private readonly Entry?[] _entries;
    private readonly FailureTexts _texts = new();
    private readonly Lock _adding = new();
    private long _clock;

    public ShapeMemory(int capacity) => _entries = new Entry?[(capacity + Ways - 1) / Ways * Ways];

    /// <summary>The answers for the shape of that key; null when it is not remembered.</summary>
    public ShapeAnswers? Find(ReadOnlySpan<byte> key)
    {
        if (_entries.Length == 0) return null;
        var hash = HashOf(key);
        foreach (ref var slot in BucketOf(hash))
        {
            var entry = Volatile.Read(ref slot);
            if (entry is null || entry.Hash != hash || !key.SequenceEqual(entry.Key)) continue;

            // A tick lost between threads only makes the choice of what to forget a little worse.
            entry.LastUsed = ++_clock;
            return entry.Answers;
        }

        return null;
    }

    /// <summary>Remembers the shape of a key.</summary>
    public ShapeAnswers Add(ReadOnlySpan<byte> key, PodShape shape)
    {
        if (_entries.Length == 0) return new ShapeAnswers(shape);
        var hash = HashOf(key);
        lock (_adding)
        {
            ShapeAnswers? shared = null;
            foreach (var entry in _entries)
            {
                if (entry is not null && entry.Answers.Shape.Equals(shape)) shared = entry.Answers;
            }

            ref var place = ref BucketOf(hash)[0];
            foreach (ref var slot in BucketOf(hash))
            {
                if (slot is not null && slot.Hash == hash && key.SequenceEqual(slot.Key)) return slot.Answers;
                if ((slot?.LastUsed ?? -1) < (place?.LastUsed ?? -1)) place = ref slot;
            }

            var added = new Entry(hash, key.ToArray(), shared ?? new ShapeAnswers(shape, _texts)) { LastUsed = ++_clock };
            Volatile.Write(ref place, added);
            return added.Answers;
        }
    }

    private Span<Entry?> BucketOf(int hash) => _entries.AsSpan((int)((uint)hash % (uint)(_entries.Length / Ways)) * Ways, Ways);

    private static int HashOf(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private sealed class Entry(int hash, byte[] key, ShapeAnswers answers)
    {
        public int Hash { get; } = hash;

        public byte[] Key { get; } = key;

        public ShapeAnswers Answers { get; } = answers;

        public long LastUsed { get; set; }
    }
}
