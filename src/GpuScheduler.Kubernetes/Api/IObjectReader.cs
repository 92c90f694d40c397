using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// Turns the JSON of one API object into a <typeparamref name="T"/>. The client knows no pods and no nodes: whoever lists or
/// watches brings the reader, which keeps only what it needs and never builds a document tree.
/// </summary>
/// <remarks>Implementations hold no state between calls; one instance may read on several threads at once.</remarks>
/// <typeparam name="T">What the caller keeps of an object.</typeparam>
public interface IObjectReader<T>
{
    /// <summary>
    /// Reads one object. Entered with <paramref name="reader"/> on its <see cref="JsonTokenType.StartObject"/>, left on the
    /// matching <see cref="JsonTokenType.EndObject"/>. The whole object is in memory: <c>reader.Skip()</c> is safe.
    /// </summary>
    /// <exception cref="FormatException">The object cannot be used. The client skips exactly this one and reports it.</exception>
    /// <exception cref="JsonException">As above. What Utf8JsonReader throws for an unexpected type or size counts likewise.</exception>
    T Read(ref Utf8JsonReader reader);

    /// <summary>The identity of an object that <see cref="Read"/> returned.</summary>
    ObjectMeta MetaOf(T value);
}

/// <summary>Writes a <typeparamref name="T"/> as the JSON of one API object, including <c>apiVersion</c> and <c>kind</c>.</summary>
/// <typeparam name="T">The object's type.</typeparam>
public interface IObjectWriter<in T>
{
    /// <summary>Writes exactly one JSON object.</summary>
    void Write(Utf8JsonWriter writer, T value);
}

/// <summary>Both directions, for the small objects we create and replace (leases, events).</summary>
/// <typeparam name="T">The object's type.</typeparam>
public interface IObjectCodec<T> : IObjectReader<T>, IObjectWriter<T>;
