using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>For calls whose 2xx is the answer: the body (a Status, or the object) is not looked at.</summary>
internal sealed class IgnoredAnswer : IObjectReader<ObjectMeta>
{
    public static IgnoredAnswer Instance { get; } = new();

    public ObjectMeta Read(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return ObjectMeta.Empty;
    }

    public ObjectMeta MetaOf(ObjectMeta value) => value;
}
