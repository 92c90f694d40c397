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
    private ulong[] _seenRows = [];
    private HashSet<string>? _unknownNames;
    private int _count;

    public int Count => _count;

    public ReadOnlySpan<AskedNode> All => _nodes.AsSpan(0, _count);

    /// <summary>Every node is known and stands in the body one behind the other, with nothing but a comma between.</summary>
    public bool IsUnbroken { get; private set; }

    /// <summary>Names that are not in the snapshot.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>One bit per row of the snapshot: the nodes that are in the list.</summary>
    public ReadOnlySpan<ulong> Rows => _seenRows;

    /// <summary>Writes one bit per row of the snapshot: the nodes that are in the list.</summary>
    public void CopyRows(Span<ulong> rows) => _seenRows.AsSpan(0, rows.Length).CopyTo(rows);

    /// <summary>Begins a list of nodes of a snapshot.</summary>
    public void Begin(ClusterSnapshot snapshot)
    {
        _count = 0;
        IsUnbroken = true;
        UnknownCount = 0;
        _unknownNames?.Clear();
        var words = snapshot.Pages.Length * NodePage.BitmapWords;
        if (_seenRows.Length < words) _seenRows = new ulong[words];
        else _seenRows.AsSpan(0, words).Clear();
    }

    /// <summary>Adds a node of the snapshot unless it is there already.</summary>
    public void Add(int row, int start, int end)
    {
        var bit = 1UL << (row & 63);
        ref var word = ref _seenRows[row >> 6];
        if ((word & bit) != 0)
        {
            IsUnbroken = false;
            return;
        }

        word |= bit;
        Append(new AskedNode(row, start, end));
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
