using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// Finds the row of a node by the UTF-8 bytes of its name, without making a string. Immutable, rebuilt only when the set of nodes changes.
/// </summary>
/// <remarks>
/// A list names thousands of nodes in an order that is new each time, so what counts is that looking one up takes no branch that depends on
/// which it is, and nothing that the next has to wait for: the hash is perfect (<see cref="PerfectHash"/>: one place per name, no probing),
/// and names lie zero-padded side by side, compared in vectors.
/// </remarks>
public sealed class NameIndex
{
    /// <summary>How far beyond the beginning of a name <see cref="FindAll"/> reads.</summary>
    public const int Reach = 64;

    /// <summary>Names of no more bytes than this are found by <see cref="FindAll"/>; <see cref="Find"/> finds all.</summary>
    private const int LongestPadded = Reach;

    private const int Chunk = NameHash.Chunk;
    private const int LengthBits = 8;
    private const int LengthMask = (1 << LengthBits) - 1;

    /// <summary>So many bytes of names stay in a near cache from call to call.</summary>
    private const int NearBytes = 256 * 1024;

    /// <summary>In place of the length of a name that is not among the padded ones.</summary>
    private const int NotPadded = LengthMask;

    /// <summary>Goes with the length of a name of more than one <see cref="Chunk"/>: so it is no length that a beginning of a name could have.</summary>
    private const int Long = 128;

    private readonly NodeRow[] _rows;
    private readonly int[] _positionOfRow = [];
    private readonly PerfectHash _hash = PerfectHash.Empty;

    // Per place of the hash: row and length of the name that has it.
    private readonly int[] _slots = NoSlots(PerfectHash.Empty.Places);

    // Per row, one or two chunks.
    private readonly byte[] _padded = new byte[Chunk];
    private readonly int _stride = Chunk;

    // Made when first asked for.
    private readonly PageNames?[] _pageNames = [];

    /// <summary>Indexes the given nodes; names must differ.</summary>
    internal NameIndex(NodeRow[] rows, long version = 0)
    {
        Version = version;
        _rows = rows;
        if (rows.Length == 0) return;
        var last = 0;
        foreach (var row in rows)
        {
            last = Math.Max(last, row.Row);
            if (row.Utf8Name.Length is > Chunk and <= LongestPadded) _stride = LongestPadded;
        }

        _positionOfRow = new int[last + 1];
        _pageNames = new PageNames?[(last >> NodePage.Shift) + 1];
        _padded = new byte[(last + 1) * _stride];
        _hash = PerfectHash.Of(rows);
        _slots = NoSlots(_hash.Places);
        for (var i = 0; i < rows.Length; i++)
        {
            var (row, name) = (rows[i].Row, rows[i].Utf8Name);
            var length = LengthCode(name.Length);
            if (length != NotPadded) name.CopyTo(_padded.AsSpan(row * _stride));
            _positionOfRow[row] = i;
            _slots[_hash.PlaceOf(NameHash.Of(name, _hash.Seed))] = (row << LengthBits) | length;
        }
    }

    private NameIndex(NameIndex other, NodeRow[] rows)
    {
        Version = other.Version;
        _rows = rows;
        _positionOfRow = other._positionOfRow;
        _hash = other._hash;
        _slots = other._slots;
        _padded = other._padded;
        _stride = other._stride;
        _pageNames = other._pageNames;
    }

    /// <summary>An index without names.</summary>
    public static NameIndex Empty { get; } = new([]);

    /// <summary>How many names there are.</summary>
    public int Count => _rows.Length;

    /// <summary>
    /// Stays the same while every name keeps its row, whatever else changes of the nodes; another as soon as a node comes or goes, and for
    /// every ledger.
    /// </summary>
    internal long Version { get; }

    /// <summary>All nodes, in the order of their rows.</summary>
    public ReadOnlySpan<NodeRow> Rows => _rows;

    /// <summary>One more than the greatest row.</summary>
    public int RowLimit => _positionOfRow.Length;

    /// <summary>The names of the nodes of a page, ready to be written.</summary>
    /// <param name="page">The number of the page.</param>
    public PageNames NamesOf(int page) => _pageNames[page] ?? MakeNames(page);

    /// <summary>The node of that name; null when there is none.</summary>
    public NodeRow? Find(ReadOnlySpan<byte> utf8Name)
    {
        if (_rows.Length == 0) return null;
        var row = _slots[_hash.PlaceOf(NameHash.Of(utf8Name, _hash.Seed))] >> LengthBits;
        var node = _rows[_positionOfRow[row]];
        return node.Utf8Name.AsSpan().SequenceEqual(utf8Name) ? node : null;
    }

    /// <summary>The node at this position of <see cref="Rows"/> if it has that name, else looked up: lists mostly come in the same order again.</summary>
    public NodeRow? FindNear(ReadOnlySpan<byte> utf8Name, int guess) =>
        (uint)guess < (uint)_rows.Length && _rows[guess].Utf8Name.AsSpan().SequenceEqual(utf8Name) ? _rows[guess] : Find(utf8Name);

    /// <summary>Finds the rows of many names at once.</summary>
    /// <param name="text">Where the names stand. What lies within <see cref="Reach"/> behind the beginning of a name is read, though it bears on nothing.</param>
    /// <param name="quotes">The places in <paramref name="text"/> of the bytes just before and just behind each name, in turn.</param>
    /// <param name="rows">Receives the row of each name, -1 where there is none, or the name is longer than most and <see cref="Find"/> must be asked.</param>
    /// <exception cref="ArgumentException">A name begins too close to the end of <paramref name="text"/>, or <paramref name="rows"/> is too short.</exception>
    public void FindAll(ReadOnlySpan<byte> text, ReadOnlySpan<int> quotes, Span<int> rows)
    {
        rows = rows[..(quotes.Length / 2)];

        // Loops so short that of each many turns are under way at once: none waits for the memory that another does.
        FindPlaces(text, quotes, rows);
        if (_padded.Length > NearBytes) FetchNames(rows);
        CompareNames(text, quotes, rows);
        if (_stride > Chunk) FindLongNames(text, quotes, rows);
    }

    /// <summary>The place of the hash of each name; of a long one, that of its beginning.</summary>
    private void FindPlaces(ReadOnlySpan<byte> text, ReadOnlySpan<int> quotes, Span<int> places)
    {
        var placing = _hash.Placing;
        var key = NameHash.KeyOf(_hash.Seed);
        var lastStart = (uint)Math.Max(0, text.Length - Reach);
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var quote = ref MemoryMarshal.GetReference(quotes);
        foreach (ref var place in places)
        {
            var start = quote + 1;
            var length = Math.Min((uint)(Unsafe.Add(ref quote, 1) - start), Chunk);
            if ((uint)start > lastStart) throw new ArgumentException($"a name begins too close to the end of {text.Length} bytes", nameof(quotes));
            place = placing.PlaceOf(NameHash.Of(ref Unsafe.Add(ref first, start), (int)length, key));
            quote = ref Unsafe.Add(ref quote, 2);
        }
    }

    /// <summary>Has the slots and names of some places brought near, many at once, before one after the other is waited for.</summary>
    private void FetchNames(ReadOnlySpan<int> places)
    {
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref var padded = ref MemoryMarshal.GetArrayDataReference(_padded);
        var stride = _stride;
        foreach (var place in places) Cache.Fetch(ref Unsafe.Add(ref slots, place));
        foreach (var place in places) Cache.Fetch(ref Unsafe.Add(ref padded, (Unsafe.Add(ref slots, place) >> LengthBits) * stride));
    }

    /// <summary>Turns the places of names into their rows; -1 for those that are not there, and for long ones.</summary>
    private void CompareNames(ReadOnlySpan<byte> text, ReadOnlySpan<int> quotes, Span<int> rows)
    {
        // The place of a hash is always one of the slots, and a slot's row always one of the padded ones: neither needs a check of bounds.
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref var padded = ref MemoryMarshal.GetArrayDataReference(_padded);
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var quote = ref MemoryMarshal.GetReference(quotes);
        var stride = _stride;
        foreach (ref var row in rows)
        {
            var start = quote + 1;
            var length = Math.Min((uint)(Unsafe.Add(ref quote, 1) - start), Chunk + 1);
            var slot = Unsafe.Add(ref slots, row);
            var known = slot >> LengthBits;
            var differing = Differing(ref Unsafe.Add(ref first, start), (int)Math.Min(length, Chunk), ref Unsafe.Add(ref padded, known * stride));
            row = differing == Vector256<byte>.Zero && (slot & LengthMask) == length ? known : -1;
            quote = ref Unsafe.Add(ref quote, 2);
        }
    }

    private void FindLongNames(ReadOnlySpan<byte> text, ReadOnlySpan<int> quotes, Span<int> rows)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        for (var i = 0; i < rows.Length; i++)
        {
            var start = quotes[2 * i] + 1;
            var length = quotes[(2 * i) + 1] - start;
            if (length is > Chunk and <= LongestPadded) rows[i] = FindLong(ref Unsafe.Add(ref first, start), length);
        }
    }

    private static int LengthCode(int length) => length switch
    {
        0 or > LongestPadded => NotPadded,
        > Chunk => Long | length,
        _ => length,
    };

    private static int[] NoSlots(int places)
    {
        var slots = new int[places];
        Array.Fill(slots, NotPadded);
        return slots;
    }

    private PageNames MakeNames(int page)
    {
        var rows = new NodeRow?[NodePage.RowCount];
        var first = page << NodePage.Shift;
        for (var row = first; row < Math.Min(RowLimit, first + NodePage.RowCount); row++)
        {
            var node = _rows[_positionOfRow[row]];
            rows[row - first] = node.Row == row ? node : null;
        }

        return _pageNames[page] = new PageNames(rows);
    }

    private int FindLong(ref byte name, int length)
    {
        var slot = _slots[_hash.PlaceOf(NameHash.OfTwoChunks(ref name, length, _hash.Seed))];
        ref var known = ref _padded[(slot >> LengthBits) * _stride];
        var differing = Differing(ref name, Chunk, ref known) | Differing(ref Unsafe.Add(ref name, Chunk), length - Chunk, ref Unsafe.Add(ref known, Chunk));
        return differing == Vector256<byte>.Zero && (slot & LengthMask) == LengthCode(length) ? slot >> LengthBits : -1;
    }

    /// <summary>The same names in the same rows, and what is now known of the nodes.</summary>
    internal NameIndex WithNodes(Func<int, NodeRow> nodeOf) => new(this, [.. _rows.Select(row => nodeOf(row.Row))]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Differing(ref byte name, int length, ref byte known) =>
        (Vector256.LoadUnsafe(ref name) & NameHash.MaskOf(length)) ^ Vector256.LoadUnsafe(ref known);
}
