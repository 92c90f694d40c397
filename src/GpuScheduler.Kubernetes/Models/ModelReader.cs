using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads an answer into one of the package's models. For kinds without an identity that anyone asks for.</summary>
internal sealed class ModelReader<T>(JsonTypeInfo<T> type) : IObjectReader<T>
    where T : class
{
    public ObjectMeta MetaOf(T value) => ObjectMeta.Empty;

    public T Read(ref Utf8JsonReader reader) => JsonSerializer.Deserialize(ref reader, type) ?? throw new FormatException("null");
}
