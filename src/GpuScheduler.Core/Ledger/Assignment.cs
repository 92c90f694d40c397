using System.Collections.ObjectModel;

namespace GpuScheduler.Core.Ledger;

/// <summary>Says in annotations which devices a pod was given.</summary>
internal static class Assignment
{
    /// <summary>Ours for every pod with devices.</summary>
    public static IReadOnlyDictionary<string, string> Annotate(Objects.Pod pod, uint deviceMask, NodeEntry node, DateTimeOffset now)
    {
        if (deviceMask == 0) return ReadOnlyDictionary<string, string>.Empty;
        return new Dictionary<string, string> { [DeviceAnnotation.Key] = DeviceAnnotation.Write(deviceMask, pod.Shape.Gpu, node.Devices) };
    }
}
