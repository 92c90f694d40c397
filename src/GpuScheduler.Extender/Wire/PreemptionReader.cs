using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>Reads the proposals of a preempt request: whole pods (<c>NodeNameToVictims</c>), UIDs (<c>NodeNameToMetaVictims</c>), or both.</summary>
/// <param name="pods">Reads pods.</param>
internal sealed class PreemptionReader(PodReader pods)
{
    /// <summary>The proposals by node, whole pods first where a node is in both maps. Null entries are left out.</summary>
    public List<NodeVictims> Read(ReadOnlySpan<byte> body, in RequestFields fields)
    {
        var proposals = new List<NodeVictims>();
        var nodes = new HashSet<string>();
        ReadMap(body, fields.NodeNameToVictims, wholePods: true, proposals, nodes);
        ReadMap(body, fields.NodeNameToMetaVictims, wholePods: false, proposals, nodes);
        return proposals;
    }

    private void ReadMap(ReadOnlySpan<byte> body, JsonRange map, bool wholePods, List<NodeVictims> proposals, HashSet<string> nodes)
    {
        if (map.IsNull) return;
        var reader = new Utf8JsonReader(map.Of(body));
        RequestFields.EnterObject(ref reader, body);
        while (RequestFields.NextField(ref reader))
        {
            var name = reader.GetString()!;
            RequestFields.Advance(ref reader);
            if (reader.TokenType == JsonTokenType.Null) continue;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw MalformedRequestException.At(body, map.Start + (int)reader.TokenStartIndex, "expected the victims of a node");
            }

            var victims = ReadVictims(ref reader, body, map.Start, wholePods);
            if (nodes.Add(name)) proposals.Add(new NodeVictims(name, victims.Pods, victims.PdbViolations));
        }
    }

    private (List<Victim> Pods, long PdbViolations) ReadVictims(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int offset, bool wholePods)
    {
        var victims = new List<Victim>();
        var violations = 0L;
        while (RequestFields.NextField(ref reader))
        {
            if (RequestFields.NameIs(ref reader, "Pods"u8)) ReadPods(ref reader, body, offset, wholePods, victims);
            else if (RequestFields.NameIs(ref reader, "NumPDBViolations"u8)) violations = ReadCount(ref reader, body, offset);
            else RequestFields.Skip(ref reader);
        }

        return (victims, violations);
    }

    private static long ReadCount(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int offset)
    {
        RequestFields.Advance(ref reader);
        if (reader.TokenType == JsonTokenType.Null) return 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) ? count
            : throw MalformedRequestException.At(body, offset + (int)reader.TokenStartIndex, "expected a whole number");
    }

    private void ReadPods(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int offset, bool wholePods, List<Victim> victims)
    {
        RequestFields.Advance(ref reader);
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartArray) throw MalformedRequestException.At(body, offset + (int)reader.TokenStartIndex, "expected an array of pods");
        while (true)
        {
            RequestFields.Advance(ref reader);
            if (reader.TokenType == JsonTokenType.EndArray) return;
            if (reader.TokenType == JsonTokenType.Null) continue;
            if (reader.TokenType != JsonTokenType.StartObject) throw MalformedRequestException.At(body, offset + (int)reader.TokenStartIndex, "expected a pod");
            var victim = wholePods ? ReadPod(ref reader) : ReadMetaPod(ref reader, body, offset);
            if (victim.Uid.Length > 0 && !victims.Exists(known => known.Uid == victim.Uid)) victims.Add(victim);
        }
    }

    /// <summary>A pod whose requests we cannot make sense of can be evicted all the same.</summary>
    private Victim ReadPod(ref Utf8JsonReader reader)
    {
        var start = reader;
        try
        {
            var pod = pods.Read(ref reader);
            return new Victim(pod.Uid, pod.Priority);
        }
        catch (FormatException)
        {
            using var document = JsonDocument.ParseValue(ref start);
            return document.RootElement.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("uid", out var uid) && uid.ValueKind == JsonValueKind.String
                ? new Victim(uid.GetString()!, null) : new Victim("", null);
        }
    }

    private static Victim ReadMetaPod(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int offset)
    {
        var uid = "";
        while (RequestFields.NextField(ref reader))
        {
            if (RequestFields.NameIs(ref reader, "UID"u8)) uid = ReadText(ref reader, body, offset);
            else RequestFields.Skip(ref reader);
        }

        return new Victim(uid, null);
    }

    /// <summary>The string of the property the reader is on; empty for null.</summary>
    public static string ReadText(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int offset)
    {
        RequestFields.Advance(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Null => "",
            _ => throw MalformedRequestException.At(body, offset + (int)reader.TokenStartIndex, "expected a string"),
        };
    }
}
