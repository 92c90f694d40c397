using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads nothing of an object but its identity.</summary>
internal static class MetaReader
{
    /// <summary>Reads a <c>metadata</c> value. Entered on it, left on its end.</summary>
    public static ObjectMeta Read(ref Utf8JsonReader reader)
    {
        var meta = ObjectMeta.Empty;
        if (JsonRead.EnterObject(ref reader))
        {
            while (JsonRead.NextMember(ref reader))
            {
                if (!TryReadMember(ref reader, ref meta))
                {
                    JsonRead.SkipMember(ref reader);
                }
            }
        }

        return meta;
    }

    /// <summary>Reads the member if it is one of the four; entered on its name. Otherwise moves nothing.</summary>
    public static bool TryReadMember(ref Utf8JsonReader reader, ref ObjectMeta meta)
    {
        if (reader.ValueTextEquals("name"u8))
        {
            reader.Read();
            meta = meta with { Name = JsonRead.String(ref reader) ?? "" };
        }
        else if (reader.ValueTextEquals("namespace"u8))
        {
            reader.Read();
            meta = meta with { Namespace = JsonRead.String(ref reader) ?? "" };
        }
        else if (reader.ValueTextEquals("uid"u8))
        {
            reader.Read();
            meta = meta with { Uid = JsonRead.String(ref reader) ?? "" };
        }
        else if (reader.ValueTextEquals("resourceVersion"u8))
        {
            reader.Read();
            meta = meta with { ResourceVersion = JsonRead.String(ref reader) ?? "" };
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>What can be read of a broken object's identity: everything up to the first error. Never throws.</summary>
    public static ObjectMeta Salvage(ReadOnlySpan<byte> json)
    {
        var meta = ObjectMeta.Empty;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("metadata"u8))
                {
                    continue;
                }

                reader.Read();
                while (JsonRead.NextMember(ref reader))
                {
                    if (!TryReadMember(ref reader, ref meta))
                    {
                        JsonRead.SkipMember(ref reader);
                    }
                }

                break;
            }
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            // whatever was read before the error is the answer
        }

        return meta;
    }
}
