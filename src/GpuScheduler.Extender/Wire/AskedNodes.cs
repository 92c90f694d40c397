using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>A node that a request names and the snapshot does not have.</summary>
/// <param name="IsUnreadable">Whether it came whole and cannot be read; otherwise it is just not known.</param>
/// <param name="Start">Where its name (a JSON string), or the whole Node object, begins in the body.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct OtherNode(bool IsUnreadable, int Start, int End);

/// <summary>
/// The nodes a request names, each once: a bit per row of the snapshot, and a list of those that have no row. In which order they were named
/// bears on nothing: kube-scheduler, which names them in another one every time, makes maps and sets of what it is answered. A name given twice
/// counts once: kube-scheduler would take a node returned twice for two nodes, and add up the scores of one scored twice.
/// </summary>
internal sealed class AskedNodes
{
    // Per row and one more, the list that it was last in: with a bit per row each name would wait for the one before, which is mostly its neighbour.
    // Names without a row are noted down at the very first place.
    private byte[] _lastList = [];
    private byte _list;
    private ulong[] _rows = [];
    private int _words;

    // Of whole nodes, by row.
    private (int Start, int End)[] _places = [];
    private readonly List<OtherNode> _others = [];
    private HashSet<string>? _otherNames;

    /// <summary>How many there are, those without a row too.</summary>
    public int Count { get; private set; }

    /// <summary>How many are not in the snapshot.</summary>
    public int UnknownCount => _others.Count;

    /// <summary>One bit per row of the snapshot; <see cref="NodePage.BitmapWords"/> words per page.</summary>
    public ReadOnlySpan<ulong> Rows => _rows.AsSpan(0, _words);

    /// <summary>The nodes without a row, in the order of the request.</summary>
    public ReadOnlySpan<OtherNode> Others => CollectionsMarshal.AsSpan(_others);

    /// <summary>Whether the node of a row of the snapshot is in the list.</summary>
    public bool Has(int row) => (_rows[row >> 6] >> row & 1) != 0;

    /// <summary>Where the whole node of a row stands in the body.</summary>
    public (int Start, int End) PlaceOf(int row) => _places[row];

    /// <summary>Begins a list of nodes of a snapshot. <see cref="End"/> ends it; before, nothing can be told of it.</summary>
    public void Begin(ClusterSnapshot snapshot)
    {
        Count = 0;
        _others.Clear();
        _otherNames?.Clear();
        var pages = snapshot.Pages.Length;
        _words = pages * NodePage.BitmapWords;
        if (_rows.Length < _words)
        {
            _rows = new ulong[_words];
            _lastList = new byte[1 + (pages * NodePage.RowCount)];
        }

        if (_list == byte.MaxValue)
        {
            Array.Clear(_lastList);
            _list = 0;
        }

        _list++;
    }

    /// <summary>Ends the list.</summary>
    public void End()
    {
        var count = 0;
        for (var word = 0; word < _words; word++)
        {
            var bits = RowBits.Equal(_lastList.AsSpan(1 + (word * 64), 64), _list);
            _rows[word] = bits;
            count += BitOperations.PopCount(bits);
        }

        Count = count + _others.Count;
    }

    /// <summary>Adds a node of the snapshot unless it is there already.</summary>
    public void Add(int row) => _lastList[1 + row] = _list;

    /// <summary>Adds a node of the snapshot that came whole.</summary>
    public void AddWhole(int row, int start, int end)
    {
        if (_lastList[1 + row] == _list) return;
        if (_places.Length <= row) Array.Resize(ref _places, Math.Max(row + 1, _places.Length * 2));
        _places[row] = (start, end);
        Add(row);
    }

    /// <summary>Adds nodes of the snapshot, those unless they are there already.</summary>
    /// <param name="rows">Their rows; -1 for one that has none, which is not added.</param>
    /// <returns>Whether all had one.</returns>
    public bool AddAll(ReadOnlySpan<int> rows)
    {
        ref var lists = ref MemoryMarshal.GetArrayDataReference(_lastList);
        var (list, any) = (_list, 0);
        foreach (var row in rows)
        {
            if (row >= _lastList.Length - 1) throw new ArgumentException($"the snapshot has no row {row}", nameof(rows));
            Unsafe.Add(ref lists, 1 + row) = list;
            any |= row;
        }

        return any >= 0;
    }

    /// <summary>Adds a node that is not in the snapshot unless one of its name is there already; false then.</summary>
    public bool AddOther(string name, int start, int end, bool isUnreadable = false)
    {
        if (!(_otherNames ??= []).Add(name)) return false;
        _others.Add(new OtherNode(isUnreadable, start, end));
        return true;
    }

    /// <summary>Reads the array of names in the body.</summary>
    /// <exception cref="MalformedRequestException">There is something else than strings in it.</exception>
    public void Read(ReadOnlySpan<byte> body, JsonRange names, ClusterSnapshot snapshot)
    {
        Begin(snapshot);
        if (!names.IsNull) ReadNames(body, names, snapshot);
        End();
    }

    private void ReadNames(ReadOnlySpan<byte> body, JsonRange names, ClusterSnapshot snapshot)
    {
        var reader = new Utf8JsonReader(names.Of(body));
        RequestFields.Advance(ref reader);
        for (var guess = 0; ; guess++)
        {
            RequestFields.Advance(ref reader);
            if (reader.TokenType == JsonTokenType.EndArray) return;
            var start = names.Start + (int)reader.TokenStartIndex;
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) throw MalformedRequestException.At(body, start, "expected the name of a node");
            var end = names.Start + (int)reader.BytesConsumed;
            if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && snapshot.Names.FindNear(reader.ValueSpan, guess) is { } node) Add(node.Row);
            else AddEscaped(ref reader, snapshot, start, end);
        }
    }

    private void AddEscaped(ref Utf8JsonReader reader, ClusterSnapshot snapshot, int start, int end)
    {
        var name = TextOf(ref reader);
        if (snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is { } node) Add(node.Row);
        else AddOther(name, start, end);
    }

    /// <summary>The string the reader is on, empty for null as in Go; one that is no valid Unicode, which no node is named, as well as it can be told.</summary>
    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
