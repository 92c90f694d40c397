using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads one line of a watch: <c>{"type":"ADDED","object":{…}}</c>.</summary>
internal static class WatchLine
{
    private static readonly ApiStatus UnknownError =
        new(ApiOutcome.Refused, 500, "InternalError", "the watch ended with an error of unknown kind");

    // apimachinery pkg/apis/meta/v1/types.go, InitialEventsAnnotationKey
    private static ReadOnlySpan<byte> InitialEventsEnd => "k8s.io/initial-events-end"u8;

    /// <summary>
    /// Null for an object its reader refused, which is reported to <paramref name="onBad"/>, and for event types we do not know.
    /// </summary>
    public static WatchEvent<T>? Read<T>(ReadOnlySpan<byte> line, IObjectReader<T> reader, Action<BadObject>? onBad)
    {
        var objectStart = -1;
        string? type = null;
        try
        {
            return ReadEvent(line, reader, ref objectStart, ref type);
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            var meta = objectStart < 0 ? ObjectMeta.Empty : MetaReader.Salvage(line[objectStart..]);
            onBad?.Invoke(new BadObject(meta, e) { Event = EventOf(type) });
            return null;
        }
    }

    private static WatchEventType? EventOf(string? type) => type switch
    {
        "ADDED" => WatchEventType.Added,
        "MODIFIED" => WatchEventType.Modified,
        "DELETED" => WatchEventType.Deleted,
        _ => null,
    };

    private static WatchEvent<T>? ReadEvent<T>(ReadOnlySpan<byte> line, IObjectReader<T> objectReader, ref int objectStart, ref string? type)
    {
        var json = new Utf8JsonReader(line);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("a watch event that is no object");
        }

        while (JsonRead.NextMember(ref json))
        {
            if (json.ValueTextEquals("type"u8))
            {
                json.Read();
                type = JsonRead.String(ref json);
            }
            else if (json.ValueTextEquals("object"u8))
            {
                json.Read();
                objectStart = (int)json.TokenStartIndex;
                if (type is not null)
                {
                    // the server writes the type first; what follows the object is of no interest
                    return ReadObject(type, line[objectStart..], objectReader);
                }

                json.Skip();
            }
            else
            {
                JsonRead.SkipMember(ref json);
            }
        }

        return type is not null && objectStart >= 0
            ? ReadObject(type, line[objectStart..], objectReader)
            : throw new FormatException("a watch event without type or object");
    }

    private static WatchEvent<T>? ReadObject<T>(string type, ReadOnlySpan<byte> rest, IObjectReader<T> objectReader)
    {
        switch (type)
        {
            case "ADDED":
                return ReadObject(WatchEventType.Added, rest, objectReader);
            case "MODIFIED":
                return ReadObject(WatchEventType.Modified, rest, objectReader);
            case "DELETED":
                return ReadObject(WatchEventType.Deleted, rest, objectReader);
            case "BOOKMARK":
                return ReadBookmark<T>(rest);
            case "ERROR":
                var end = default(JsonValueScanner);
                var status = end.TryFindEnd(rest, out var length) ? StatusReader.TryRead(rest[..length]) : null;
                return WatchEvent.Failed<T>(status ?? UnknownError);
            default:
                return null;
        }
    }

    private static WatchEvent<T> ReadObject<T>(WatchEventType type, ReadOnlySpan<byte> rest, IObjectReader<T> objectReader)
    {
        var json = new Utf8JsonReader(rest);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException($"a watch event about a {json.TokenType}");
        }

        var value = objectReader.Read(ref json);
        return WatchEvent.Of(type, value, objectReader.MetaOf(value));
    }

    private static WatchEvent<T> ReadBookmark<T>(ReadOnlySpan<byte> rest)
    {
        var json = new Utf8JsonReader(rest);
        json.Read();
        var meta = ObjectMeta.Empty;
        var isEnd = false;
        while (JsonRead.NextMember(ref json))
        {
            if (!json.ValueTextEquals("metadata"u8))
            {
                JsonRead.SkipMember(ref json);
                continue;
            }

            json.Read();
            while (JsonRead.NextMember(ref json))
            {
                if (json.ValueTextEquals("annotations"u8))
                {
                    json.Read();
                    isEnd |= HasInitialEventsEnd(ref json);
                }
                else if (!MetaReader.TryReadMember(ref json, ref meta))
                {
                    JsonRead.SkipMember(ref json);
                }
            }
        }

        return WatchEvent.Bookmark<T>(meta.ResourceVersion, isEnd);
    }

    private static bool HasInitialEventsEnd(ref Utf8JsonReader json)
    {
        var found = false;
        if (JsonRead.EnterObject(ref json))
        {
            while (JsonRead.NextMember(ref json))
            {
                var isKey = json.ValueTextEquals(InitialEventsEnd);
                json.Read();
                found |= isKey && json.TokenType == JsonTokenType.String && json.ValueTextEquals("true"u8);
                json.Skip();
            }
        }

        return found;
    }
}
