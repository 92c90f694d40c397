using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Keeps nothing of an object but its identity, for calls whose answer is of no further interest.</summary>
public sealed class MetaOnlyReader : IObjectReader<ObjectMeta>
{
    private MetaOnlyReader()
    {
    }

    /// <summary>The one instance; it holds no state.</summary>
    public static MetaOnlyReader Instance { get; } = new();

    /// <inheritdoc/>
    public ObjectMeta MetaOf(ObjectMeta value) => value;

    /// <inheritdoc/>
    public ObjectMeta Read(ref Utf8JsonReader reader)
    {
        var meta = ObjectMeta.Empty;
        while (JsonRead.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                meta = MetaReader.Read(ref reader);
            }
            else
            {
                JsonRead.SkipMember(ref reader);
            }
        }

        return meta;
    }
}
