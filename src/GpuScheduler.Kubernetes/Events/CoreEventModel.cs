using System.Text.Json;
using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// Events of <c>core/v1</c> as the package's <see cref="Corev1Event"/>, for servers without <c>events.k8s.io</c>. Of the answer only the
/// identity is read.
/// </summary>
internal static class CoreEventModel
{
    public static IObjectCodec<KubernetesEvent> Codec { get; } =
        new ModelCodec<KubernetesEvent, Corev1Event>(ModelContext.Default.Corev1Event, ToModel, FromModel, e => e.Meta);

    /// <summary>The members that change when the event happens again.</summary>
    public static ReadOnlyMemory<byte> CountPatch(EventSeries series)
    {
        var patch = new Corev1Event { Count = series.Count, LastTimestamp = series.LastObservedTime.UtcDateTime };
        return JsonSerializer.SerializeToUtf8Bytes(patch, ModelContext.Default.Corev1Event);
    }

    private static Corev1Event ToModel(KubernetesEvent value)
    {
        var series = value.Series ?? new EventSeries(1, value.EventTime);
        return new()
        {
            ApiVersion = ResourceType.CoreEvents.ApiVersion,
            Kind = ResourceType.CoreEvents.Kind,
            Metadata = value.Meta.ToModel(),
            InvolvedObject = value.Regarding.ToModel(),
            Related = value.Related?.ToModel(),
            Reason = value.Reason,
            Message = value.Note,
            Type = value.IsWarning ? "Warning" : "Normal",
            FirstTimestamp = value.EventTime.UtcDateTime,
            LastTimestamp = series.LastObservedTime.UtcDateTime,
            Count = series.Count,
            Source = new V1EventSource { Component = value.ReportingController },
        };
    }

    private static KubernetesEvent FromModel(Corev1Event model) => new()
    {
        Meta = model.Metadata.ToMeta(),
        EventTime = default,
        ReportingController = "",
        ReportingInstance = "",
        Action = "",
        Reason = "",
        Regarding = ModelMeta.ToReference(null),
    };
}
