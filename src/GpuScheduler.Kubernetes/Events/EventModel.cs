using System.Text.Json;
using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Events of <c>events.k8s.io/v1</c> as the package's <see cref="Eventsv1Event"/>.</summary>
internal static class EventModel
{
    public static IObjectCodec<KubernetesEvent> Codec { get; } =
        new ModelCodec<KubernetesEvent, Eventsv1Event>(ModelContext.Default.Eventsv1Event, ToModel, FromModel, e => e.Meta);

    /// <summary>The members that change when the event happens again.</summary>
    public static ReadOnlyMemory<byte> SeriesPatch(EventSeries series) =>
        JsonSerializer.SerializeToUtf8Bytes(new Eventsv1Event { Series = ToModel(series) }, ModelContext.Default.Eventsv1Event);

    private static Eventsv1Event ToModel(KubernetesEvent value) => new()
    {
        ApiVersion = ResourceType.Events.ApiVersion,
        Kind = ResourceType.Events.Kind,
        Metadata = value.Meta.ToModel(),
        EventTime = value.EventTime.UtcDateTime,
        ReportingController = value.ReportingController,
        ReportingInstance = value.ReportingInstance,
        Action = value.Action,
        Reason = value.Reason,
        Type = value.IsWarning ? "Warning" : "Normal",
        Note = ModelMeta.NullIfEmpty(value.Note),
        Regarding = value.Regarding.ToModel(),
        Related = value.Related?.ToModel(),
        Series = value.Series is { } series ? ToModel(series) : null,
    };

    private static KubernetesEvent FromModel(Eventsv1Event model) => new()
    {
        Meta = model.Metadata.ToMeta(),
        EventTime = model.EventTime.ToOffset() ?? default,
        ReportingController = model.ReportingController ?? "",
        ReportingInstance = model.ReportingInstance ?? "",
        Action = model.Action ?? "",
        Reason = model.Reason ?? "",
        IsWarning = model.Type == "Warning",
        Note = model.Note ?? "",
        Regarding = model.Regarding.ToReference(),
        Related = model.Related?.ToReference(),
        Series = model.Series is { } series ? new(series.Count, new DateTimeOffset(series.LastObservedTime)) : null,
    };

    private static Eventsv1EventSeries ToModel(EventSeries series) => new()
    {
        Count = series.Count,
        LastObservedTime = series.LastObservedTime.UtcDateTime,
    };
}
