using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Which exceptions of an object reader mean "this object is bad" rather than "this program is".</summary>
internal static class ObjectErrors
{
    /// <summary>
    /// The two promised by <see cref="IObjectReader{T}"/>, and the two that <see cref="Utf8JsonReader"/> itself throws when a value is of
    /// another type or size than the code expected.
    /// </summary>
    public static bool IsBadObject(Exception e) => e is JsonException or FormatException or InvalidOperationException or OverflowException;
}
