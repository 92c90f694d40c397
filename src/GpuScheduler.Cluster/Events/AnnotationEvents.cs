using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Cluster.Events;

/// <summary>
/// Says on a waiting pod which of its <c>gpu-scheduler.io/</c> annotations cannot be read, or mean nothing: one Warning event per pod and
/// wording, however often the watch brings the pod. How many are written at all is the recorder's to limit.
/// </summary>
public sealed class AnnotationEvents(EventRecorder recorder) : IPodObserver
{
    /// <summary>Reason of the event of a pod that fits nowhere because of an annotation that cannot be read.</summary>
    public const string BadReason = "BadAnnotation";

    /// <summary>Reason of the event of a pod with an annotation that nobody knows.</summary>
    public const string UnknownReason = "UnknownAnnotation";

    private const string Action = "ReadingConstraints";

    /// <summary>More pods at a time with such annotations are told again when they change.</summary>
    private const int Remembered = 16_384;

    private readonly HashSet<(string Uid, string Note)> _told = [];
    private readonly Queue<(string Uid, string Note)> _order = [];

    /// <inheritdoc/>
    public void Seen(Pod pod)
    {
        if (pod.NodeName is not null || pod.IsTerminal || pod.Shape.Constraints is not { } constraints || Describe(constraints) is not { } note) return;
        var isBad = constraints.Problems.Count > 0;
        lock (_told)
        {
            if (!_told.Add((pod.Uid, note))) return;
            _order.Enqueue((pod.Uid, note));
            if (_order.Count > Remembered) _told.Remove(_order.Dequeue());
        }

        recorder.Record(BindEvents.Reference(pod), related: null, isWarning: true, isBad ? BadReason : UnknownReason, Action, note);
    }

    private static string? Describe(PodConstraints constraints) =>
        constraints.Problems.Count > 0 ? $"The pod fits no node: {string.Join("; ", constraints.Problems.Concat(constraints.Unknown))}"
        : constraints.Unknown.Count > 0 ? $"Ignored: {string.Join("; ", constraints.Unknown)}"
        : null;
}
