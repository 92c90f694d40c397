using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>A node that a request names.</summary>
/// <param name="Row">Its row in the snapshot; <see cref="Unknown"/> or <see cref="Unreadable"/> when it has none.</param>
/// <param name="Start">Where the name (a JSON string), or the whole Node object, begins in the body.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct AskedNode(int Row, int Start, int End)
{
    public const int Unknown = -1;
    public const int Unreadable = -2;
}

/// <summary>
/// The nodes a request names, each once, in the order of the request. A name given twice counts once: kube-scheduler would take a node
/// returned twice for two nodes, and add up the scores of one scored twice.
/// </summary>
internal sealed class AskedNodes
{
    private AskedNode[] _nodes = [];
    private bool[] _pages = [];

    // Per row, the list that it was last in: a bit per row would make each name wait for the one before, which is mostly its neighbour.
    private int[] _lastList = [];
    private int _list;
    private HashSet<string>? _unknownNames;
    private int _count;
    private int _pageCount;

    public int Count => _count;

    public ReadOnlySpan<AskedNode> All => _nodes.AsSpan(0, _count);

    /// <summary>Every node is known and stands in the body one behind the other, with nothing but a comma between.</summary>
    public bool IsUnbroken { get; private set; }

    /// <summary>Names that are not in the snapshot.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>Per page of the snapshot: whether it has a node that is in the list.</summary>
    public ReadOnlySpan<bool> Pages => _pages.AsSpan(0, _pageCount);

    /// <summary>Writes one bit per row of the snapshot: the nodes that are in the list.</summary>
    /// <param name="rows">A word per 64 rows, overwritten.</param>
    public void CopyRows(Span<ulong> rows)
    {
        var current = Vector256.Create(_list);
        for (var word = 0; word < rows.Length; word++)
        {
            ulong bits = 0;
            for (var part = 0; part < 64; part += Vector256<int>.Count)
            {
                var lists = Vector256.Create(_lastList.AsSpan((word * 64) + part, Vector256<int>.Count));
                bits |= (ulong)Vector256.Equals(lists, current).ExtractMostSignificantBits() << part;
            }

            rows[word] = bits;
        }
    }

    /// <summary>Whether the node of a row of the snapshot is in the list.</summary>
    public bool Has(int row) => _lastList[row] == _list;

    /// <summary>Begins a list of nodes of a snapshot.</summary>
    public void Begin(ClusterSnapshot snapshot)
    {
        _count = 0;
        IsUnbroken = true;
        UnknownCount = 0;
        _unknownNames?.Clear();
        _pageCount = snapshot.Pages.Length;
        if (_pages.Length < _pageCount)
        {
            _pages = new bool[_pageCount];
            _lastList = new int[_pageCount * NodePage.RowCount];
        }

        _pages.AsSpan(0, _pageCount).Clear();
        if (_list == int.MaxValue)
        {
            Array.Clear(_lastList);
            _list = 0;
        }

        _list++;
    }

    /// <summary>Adds a node of the snapshot unless it is there already.</summary>
    public void Add(int row, int start, int end)
    {
        ref var lastList = ref _lastList[row];
        if (lastList == _list)
        {
            IsUnbroken = false;
            return;
        }

        lastList = _list;
        _pages[row >> NodePage.Shift] = true;
        Append(new AskedNode(row, start, end));
    }

    /// <summary>Adds nodes of the snapshot, those unless they are there already, up to the first that has no row.</summary>
    /// <param name="quotes">The places of the first and the last byte of each, in turn; they stand one behind the other with nothing but a comma between.</param>
    /// <param name="rows">Their rows.</param>
    /// <returns>How many it got through.</returns>
    public int AddAll(ReadOnlySpan<int> quotes, ReadOnlySpan<int> rows)
    {
        if (_nodes.Length - _count < rows.Length) Array.Resize(ref _nodes, Math.Max(Math.Max(256, _nodes.Length * 2), _count + rows.Length));
        var nodes = _nodes.AsSpan(_count, rows.Length);
        var (lastLists, pages, list) = (_lastList, _pages, _list);
        var (added, i) = (0, 0);
        for (; i < rows.Length; i++)
        {
            var row = rows[i];
            if (row < 0) break;
            ref var lastList = ref lastLists[row];
            nodes[added] = new AskedNode(row, quotes[2 * i], quotes[(2 * i) + 1] + 1);
            added += lastList == list ? 0 : 1;
            lastList = list;
            pages[row >> NodePage.Shift] = true;
        }

        _count += added;
        IsUnbroken &= added == i;
        return i;
    }

    /// <summary>Adds a name that is not in the snapshot unless it is there already.</summary>
    public void AddUnknown(string name, int start, int end, int kind = AskedNode.Unknown)
    {
        if (!(_unknownNames ??= []).Add(name)) return;
        UnknownCount++;
        IsUnbroken = false;
        Append(new AskedNode(kind, start, end));
    }

    /// <summary>Reads the array of names in the body.</summary>
    /// <exception cref="MalformedRequestException">There is something else than strings in it.</exception>
    public void Read(ReadOnlySpan<byte> body, JsonRange names, ClusterSnapshot snapshot)
    {
        Begin(snapshot);
        if (names.IsNull) return;
        var reader = new Utf8JsonReader(names.Of(body));
        RequestFields.Advance(ref reader);
        for (var guess = 0; ; guess++)
        {
            RequestFields.Advance(ref reader);
            if (reader.TokenType == JsonTokenType.EndArray) return;
            var start = names.Start + (int)reader.TokenStartIndex;
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) throw MalformedRequestException.At(body, start, "expected the name of a node");
            var end = names.Start + (int)reader.BytesConsumed;
            if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && snapshot.Names.FindNear(reader.ValueSpan, guess) is { } node) Add(node.Row, start, end);
            else AddEscaped(ref reader, snapshot, start, end);
        }
    }

    private void AddEscaped(ref Utf8JsonReader reader, ClusterSnapshot snapshot, int start, int end)
    {
        var name = TextOf(ref reader);
        if (snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is { } node) Add(node.Row, start, end);
        else AddUnknown(name, start, end);
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

    private void Append(AskedNode node)
    {
        if (_count == _nodes.Length) Array.Resize(ref _nodes, Math.Max(256, _count * 2));
        if (_count > 0 && _nodes[_count - 1].End + 1 != node.Start) IsUnbroken = false;
        _nodes[_count++] = node;
    }
}
