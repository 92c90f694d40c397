using System.Numerics;
using System.Text;
using GpuScheduler.Cluster.Binding;
using GpuScheduler.Core.Objects;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Events;

/// <summary>Says on the pod which GPUs it got, or why its bind was refused.</summary>
public sealed class BindEvents(EventRecorder recorder) : IBindObserver
{
    /// <summary>Reason of the event of a pod that is on its node.</summary>
    public const string BoundReason = "Bound";

    /// <summary>Reason of the event of a pod whose bind was refused.</summary>
    public const string RefusedReason = "BindRefused";

    private const string Action = "Binding";

    /// <inheritdoc/>
    public void Bound(Pod pod, string nodeName, uint deviceMask) =>
        recorder.Record(Reference(pod), Node(nodeName), isWarning: false, BoundReason, Action, $"Bound to {nodeName}{DeviceText(deviceMask)}");

    /// <inheritdoc/>
    public void Refused(Pod pod, string nodeName, string reason) =>
        recorder.Record(Reference(pod), Node(nodeName), isWarning: true, RefusedReason, Action, $"Not bound to {nodeName}: {reason}");

    /// <summary>Such as <c> with GPU 3</c> or <c> with GPUs 0-3,6</c>; empty without devices.</summary>
    internal static string DeviceText(uint deviceMask)
    {
        if (deviceMask == 0) return "";
        var text = new StringBuilder(BitOperations.PopCount(deviceMask) == 1 ? " with GPU " : " with GPUs ");
        for (var first = true; deviceMask != 0; first = false)
        {
            var from = BitOperations.TrailingZeroCount(deviceMask);
            var length = BitOperations.TrailingZeroCount(~(deviceMask >> from));
            if (!first) text.Append(',');
            text.Append(from);
            if (length > 1) text.Append(length == 2 ? ',' : '-').Append(from + length - 1);
            deviceMask &= length >= 32 - from ? (1u << from) - 1 : ~(((1u << length) - 1) << from);
        }

        return text.ToString();
    }

    internal static ObjectReference Reference(Pod pod) =>
        new(ResourceType.Pods.ApiVersion, ResourceType.Pods.Kind, new ObjectMeta(pod.Namespace, pod.Name, pod.Uid, pod.ResourceVersion));

    private static ObjectReference Node(string name) =>
        new(ResourceType.Nodes.ApiVersion, ResourceType.Nodes.Kind, ObjectMeta.Empty with { Name = name });
}
