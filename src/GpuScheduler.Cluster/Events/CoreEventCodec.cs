using System.Globalization;
using System.Text.Json;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Events;

/// <summary>
/// Writes a <see cref="KubernetesEvent"/> as the older <c>core/v1</c> Event, for servers without <c>events.k8s.io</c>. Of the answer only the identity
/// is read.
/// </summary>
internal sealed class CoreEventCodec : IObjectCodec<KubernetesEvent>
{
    private CoreEventCodec()
    {
    }

    public static CoreEventCodec Instance { get; } = new();

    /// <summary>Events, core/v1.</summary>
    public static ResourceType Resource { get; } = new("", "v1", "events", "Event", IsNamespaced: true);

    public ObjectMeta MetaOf(KubernetesEvent value) => value.Meta;

    public KubernetesEvent Read(ref Utf8JsonReader reader) => new()
    {
        Meta = MetaOnlyReader.Instance.Read(ref reader),
        EventTime = default,
        ReportingController = "",
        ReportingInstance = "",
        Action = "",
        Reason = "",
        Regarding = new("", "", ObjectMeta.Empty),
    };

    public void Write(Utf8JsonWriter writer, KubernetesEvent value)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", Resource.ApiVersion);
        writer.WriteString("kind", Resource.Kind);
        writer.WriteStartObject("metadata");
        writer.WriteString("name", value.Meta.Name);
        writer.WriteString("namespace", value.Meta.Namespace);
        writer.WriteEndObject();
        WriteReference(writer, "involvedObject", value.Regarding);
        if (value.Related is { } related) WriteReference(writer, "related", related);
        writer.WriteString("reason", value.Reason);
        writer.WriteString("message", value.Note);
        writer.WriteString("type", value.IsWarning ? "Warning" : "Normal");
        writer.WriteString("firstTimestamp", Time(value.EventTime));
        WriteCount(writer, value.Series ?? new EventSeries(1, value.EventTime));
        writer.WriteStartObject("source");
        writer.WriteString("component", value.ReportingController);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The members that change when the event happens again.</summary>
    public static void WriteCount(Utf8JsonWriter writer, EventSeries series)
    {
        writer.WriteNumber("count", series.Count);
        writer.WriteString("lastTimestamp", Time(series.LastObservedTime));
    }

    private static void WriteReference(Utf8JsonWriter writer, string name, ObjectReference reference)
    {
        writer.WriteStartObject(name);
        writer.WriteString("apiVersion", reference.ApiVersion);
        writer.WriteString("kind", reference.Kind);
        writer.WriteString("namespace", reference.Meta.Namespace);
        writer.WriteString("name", reference.Meta.Name);
        writer.WriteString("uid", reference.Meta.Uid);
        writer.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
