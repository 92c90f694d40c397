using System.Text.Json;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// The nodes of a request with <c>nodeCacheCapable: false</c>, which carries them whole. What it says of a node holds, whatever the snapshot
/// says; what runs there we know from the snapshot alone. Nothing here is kept: such a call costs what it costs.
/// </summary>
/// <param name="reader">Reads nodes.</param>
/// <param name="ledgerOptions">The options of the ledger that snapshots come from.</param>
internal sealed class FullNodes(NodeReader reader, LedgerOptions ledgerOptions)
{
    /// <summary>Reads the nodes in a NodeList of the body, and makes a snapshot of them alone.</summary>
    /// <param name="body">The request body.</param>
    /// <param name="list">The NodeList.</param>
    /// <param name="current">The snapshot that knows what runs on the nodes.</param>
    /// <param name="asked">Receives the nodes, by their rows in the snapshot returned.</param>
    /// <param name="unreadable">Receives what was wrong with the nodes that could not be read, in the order of <paramref name="asked"/>.</param>
    public ClusterSnapshot Read(
        ReadOnlySpan<byte> body, JsonRange list, ClusterSnapshot current, AskedNodes asked, List<(string Name, string Problem)> unreadable)
    {
        var ledger = new ClusterLedger(ledgerOptions);
        var items = new List<(string Name, string? Problem, int Start, int End)>();
        var json = new Utf8JsonReader(list.Of(body));
        RequestFields.EnterObject(ref json, body);
        while (RequestFields.NextField(ref json))
        {
            if (RequestFields.NameIs(ref json, "items"u8)) ReadItems(ref json, body, list.Start, ledger, items);
            else RequestFields.Skip(ref json);
        }

        foreach (var item in items)
        {
            if (current.Names.Find(System.Text.Encoding.UTF8.GetBytes(item.Name)) is not { } node) continue;
            foreach (var placed in current.PageOf(node.Row).Pods(node.Row & NodePage.RowMask)) ledger.Place(placed, node.Name);
        }

        var snapshot = ledger.Publish();
        asked.Begin(snapshot);
        unreadable.Clear();
        foreach (var (name, problem, start, end) in items)
        {
            if (problem is not null)
            {
                if (asked.AddOther(name, start, end, isUnreadable: true)) unreadable.Add((name, problem));
            }
            else if (snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(name)) is { } node)
            {
                asked.AddWhole(node.Row, start, end);
            }
        }

        asked.End();

        return snapshot;
    }

    private void ReadItems(
        ref Utf8JsonReader json, ReadOnlySpan<byte> body, int offset, ClusterLedger ledger, List<(string Name, string? Problem, int Start, int End)> items)
    {
        RequestFields.Advance(ref json);
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.StartArray) throw MalformedRequestException.At(body, offset + (int)json.TokenStartIndex, "expected an array of nodes");
        while (true)
        {
            RequestFields.Advance(ref json);
            if (json.TokenType == JsonTokenType.EndArray) return;
            if (json.TokenType == JsonTokenType.Null) continue;
            var start = (int)json.TokenStartIndex;
            if (json.TokenType != JsonTokenType.StartObject) throw MalformedRequestException.At(body, offset + start, "expected a node");
            var before = json;
            try
            {
                var node = reader.Read(ref json);
                ledger.UpsertNode(node);
                items.Add((node.Name, null, offset + start, offset + (int)json.BytesConsumed));
            }
            catch (FormatException problem)
            {
                items.Add((NameIn(before), problem.Message, offset + start, offset + (int)json.BytesConsumed));
            }
        }
    }

    /// <summary>The name of a node that could not be read otherwise; empty when even that is missing.</summary>
    private static string NameIn(Utf8JsonReader node)
    {
        using var document = JsonDocument.ParseValue(ref node);
        return document.RootElement.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
            && metadata.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()! : "";
    }
}
