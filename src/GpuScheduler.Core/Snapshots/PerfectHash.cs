using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// Gives every name of a set a place of its own: names are thrown into buckets, and each bucket, fullest first, gets the first number that
/// sends all its names to places still free (hash and displace: Pagh, "Hash and displace: efficient evaluation of minimal perfect hash
/// functions", WADS 1999; fullest first: Fox, Heath, Chen, Daoud, SIGIR 1992). A name that is not of the set gets the place of some other.
/// </summary>
internal sealed class PerfectHash
{
    private const int NamesPerBucket = 4;
    private const ulong Spread = 0x9E3779B97F4A7C15;
    private const int Seeds = 64;

    private readonly ushort[] _displacements;
    private readonly int _bucketShift;
    private readonly int _shift;

    private PerfectHash(int buckets, int places, ulong seed)
    {
        _displacements = new ushort[buckets];
        _bucketShift = 64 - BitOperations.Log2((uint)buckets);
        _shift = 64 - BitOperations.Log2((uint)places);
        Places = places;
        Seed = seed;
    }

    /// <summary>Of no names.</summary>
    public static PerfectHash Empty { get; } = new(2, 2, 0);

    /// <summary>How many places there are.</summary>
    public int Places { get; }

    /// <summary>What <see cref="NameHash"/> must begin with.</summary>
    public ulong Seed { get; }

    /// <summary><see cref="PlaceOf(ulong)"/> for many hashes.</summary>
    public PlaceFinder Placing => new(ref MemoryMarshal.GetArrayDataReference(_displacements), _bucketShift, _shift);

    /// <summary>Finds the numbers for the names of these nodes.</summary>
    /// <exception cref="ArgumentException">Two nodes have the same name.</exception>
    public static PerfectHash Of(ReadOnlySpan<NodeRow> rows)
    {
        var places = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, rows.Length + (rows.Length / 3)));
        var buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, rows.Length / NamesPerBucket));
        var hashes = new ulong[rows.Length];
        for (var seed = 0; seed < Seeds; seed++)
        {
            var made = new PerfectHash(buckets, places, (ulong)seed * Spread);
            for (var i = 0; i < rows.Length; i++) hashes[i] = NameHash.Of(rows[i].Utf8Name, made.Seed);
            if (made.TryPlace(hashes)) return made;
        }

        throw new ArgumentException("two nodes have the same name", nameof(rows));
    }

    /// <summary>The place of a hash, below <see cref="Places"/>.</summary>
    public int PlaceOf(ulong hash) => Placing.PlaceOf(hash);

    // In sums of products it is the upper bits that depend on all.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PlaceOf(ulong hash, ulong displacement, int shift) => (int)(((hash ^ (displacement * Spread)) * Spread) >> shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int BucketOf(ulong hash) => (int)(hash >> _bucketShift);

    private bool TryPlace(ulong[] hashes)
    {
        var buckets = _displacements.Length;
        var ends = new int[buckets];
        foreach (var hash in hashes) ends[BucketOf(hash)]++;
        var most = 0;
        for (int i = 0, end = 0; i < buckets; i++)
        {
            most = Math.Max(most, ends[i]);
            end += ends[i];
            ends[i] = end;
        }

        var byBucket = new ulong[hashes.Length];
        var at = (int[])ends.Clone();
        foreach (var hash in hashes) byBucket[--at[BucketOf(hash)]] = hash;

        var taken = new bool[Places];
        for (var size = most; size > 0; size--)
        {
            for (var i = 0; i < buckets; i++)
            {
                var names = byBucket.AsSpan(at[i]..ends[i]);
                if (names.Length == size && !TryPlace(names, taken, ref _displacements[i])) return false;
            }
        }

        return true;
    }

    private bool TryPlace(ReadOnlySpan<ulong> names, bool[] taken, ref ushort displacement)
    {
        for (var candidate = 0; candidate <= ushort.MaxValue; candidate++)
        {
            var placed = 0;
            for (; placed < names.Length; placed++)
            {
                ref var place = ref taken[PlaceOf(names[placed], (ulong)candidate, _shift)];
                if (place) break;
                place = true;
            }

            displacement = (ushort)candidate;
            if (placed == names.Length) return true;
            for (var i = 0; i < placed; i++) taken[PlaceOf(names[i], (ulong)candidate, _shift)] = false;
        }

        return false;
    }

    /// <summary>All that the place of a hash depends on, for a loop to keep in registers.</summary>
    /// <param name="displacements">The first of them.</param>
    /// <param name="bucketShift">So far to the right, what is left of a hash is a bucket.</param>
    /// <param name="shift">So far to the right, what is left is a place.</param>
    public readonly ref struct PlaceFinder(ref ushort displacements, int bucketShift, int shift)
    {
        private readonly ref ushort _displacements = ref displacements;

        /// <summary>The place of a hash.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int PlaceOf(ulong hash) => PerfectHash.PlaceOf(hash, Unsafe.Add(ref _displacements, (nint)(hash >> bucketShift)), shift);
    }
}
