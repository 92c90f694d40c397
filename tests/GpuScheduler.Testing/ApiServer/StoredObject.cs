using System.Text;
using System.Text.Json.Nodes;

namespace GpuScheduler.Testing;

/// <summary>One version of one object, as bytes: what is served is exactly what is stored.</summary>
internal sealed record StoredObject(string Key, string Namespace, string Name, string Uid, long ResourceVersion, byte[] Json)
{
    public JsonObject ToJson() => JsonNode.Parse(Json)!.AsObject();

    public override string ToString() => Encoding.UTF8.GetString(Json);
}

/// <summary>A change, kept until history is compacted.</summary>
internal sealed record StoredChange(long ResourceVersion, string Collection, StoredObject? Before, StoredObject? After);
