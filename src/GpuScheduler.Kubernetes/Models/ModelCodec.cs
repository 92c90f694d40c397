using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuScheduler.Kubernetes;

/// <summary>The wire form of one of our values, by way of one of the package's models.</summary>
/// <typeparam name="T">Our value.</typeparam>
/// <typeparam name="TModel">The model that stands for it on the wire.</typeparam>
internal sealed class ModelCodec<T, TModel>(
    JsonTypeInfo<TModel> type, Func<T, TModel> toModel, Func<TModel, T> fromModel, Func<T, ObjectMeta> metaOf) : IObjectCodec<T>
    where TModel : class
{
    private readonly ModelReader<TModel> _reader = new(type);

    public ObjectMeta MetaOf(T value) => metaOf(value);

    public T Read(ref Utf8JsonReader reader) => fromModel(_reader.Read(ref reader));

    public void Write(Utf8JsonWriter writer, T value) => JsonSerializer.Serialize(writer, toModel(value), type);
}
