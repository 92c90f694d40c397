using System.Buffers;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// The pods that filter and prioritize showed lately, by UID, for a bind call that comes before the pod watch has brought the pod (or where
/// there is none). Keeps the JSON as it came and reads it only when bind asks, into buffers that are used again: remembering allocates
/// nothing once the buffers have grown. Bounded: in a full bucket the pod longest not seen makes room. A bucket is locked for the time of
/// one copy.
/// </summary>
internal sealed class SeenPods
{
    private const int SlotsPerBucket = 4;

    private readonly Bucket[] _buckets;
    private readonly PodReader _reader;

    public SeenPods(int capacity, PodReader reader)
    {
        _reader = reader;
        _buckets = new Bucket[Math.Max(1, capacity / SlotsPerBucket)];
        for (var i = 0; i < _buckets.Length; i++) _buckets[i] = new Bucket();
    }

    /// <summary>Keeps a pod.</summary>
    /// <param name="uid">Its UID as UTF-8.</param>
    /// <param name="podJson">The pod.</param>
    public void Remember(ReadOnlySpan<byte> uid, ReadOnlySpan<byte> podJson)
    {
        if (uid.IsEmpty) return;
        var bucket = BucketOf(uid);
        lock (bucket)
        {
            var oldest = bucket.Slots[0];
            foreach (var slot in bucket.Slots)
            {
                if (slot.Uid.SequenceEqual(uid))
                {
                    oldest = slot;
                    break;
                }

                if (slot.LastSeen < oldest.LastSeen) oldest = slot;
            }

            oldest.Set(uid, podJson, ++bucket.Clock);
        }
    }

    /// <summary>The pod of that UID as it was last seen; null when it is not remembered.</summary>
    public Pod? Find(string uid)
    {
        var utf8 = Encoding.UTF8.GetBytes(uid);
        if (utf8.Length == 0) return null;
        var bucket = BucketOf(utf8);
        byte[] copy;
        int length;
        lock (bucket)
        {
            if (Array.Find(bucket.Slots, slot => slot.Uid.SequenceEqual(utf8)) is not { } slot) return null;
            length = slot.Json.Length;
            copy = ArrayPool<byte>.Shared.Rent(length);
            slot.Json.CopyTo(copy);
        }

        try
        {
            var reader = new Utf8JsonReader(copy.AsSpan(0, length));
            reader.Read();
            return _reader.Read(ref reader);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private Bucket BucketOf(ReadOnlySpan<byte> uid)
    {
        var hash = default(HashCode);
        hash.AddBytes(uid);
        return _buckets[(uint)hash.ToHashCode() % (uint)_buckets.Length];
    }

    private sealed class Bucket
    {
        public Slot[] Slots { get; } = [new(), new(), new(), new()];

        public long Clock { get; set; }
    }

    private sealed class Slot
    {
        private byte[] _bytes = [];
        private int _uidLength;
        private int _length;

        public long LastSeen { get; private set; }

        public ReadOnlySpan<byte> Uid => _bytes.AsSpan(0, _uidLength);

        public ReadOnlySpan<byte> Json => _bytes.AsSpan(_uidLength, _length - _uidLength);

        public void Set(ReadOnlySpan<byte> uid, ReadOnlySpan<byte> json, long now)
        {
            const int Roomy = 4096;
            var needed = uid.Length + json.Length;
            if (_bytes.Length < needed || _bytes.Length > Math.Max(Roomy, needed * 4)) _bytes = new byte[Math.Max(Roomy, needed)];
            uid.CopyTo(_bytes);
            json.CopyTo(_bytes.AsSpan(uid.Length));
            _uidLength = uid.Length;
            _length = needed;
            LastSeen = now;
        }
    }
}
