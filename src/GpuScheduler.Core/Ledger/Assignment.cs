using System.Collections.ObjectModel;
using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Ledger;

/// <summary>Says in annotations which devices a pod was given, and reads it back.</summary>
internal static class Assignment
{
    private const long NanosecondsPerTick = 100;

    /// <summary>What the Binding carries: our annotation, and those of the device plugin that the pod asks.</summary>
    public static IReadOnlyDictionary<string, string> Annotate(Pod pod, uint deviceMask, NodeEntry node, DateTimeOffset now)
    {
        if (deviceMask == 0) return ReadOnlyDictionary<string, string>.Empty;
        var annotations = new Dictionary<string, string> { [DeviceAnnotation.Key] = DeviceAnnotation.Write(deviceMask, pod.Shape.Gpu, node.Devices) };
        if (SharingDialects.OfPod(pod.Shape) is { } dialect && dialect.Kind == node.Devices.Sharing)
        {
            // A plugin that finds two pods of one size takes the one with the lower stamp: it must be the one we mean.
            node.LastStamp = Math.Max((now - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick, node.LastStamp + 1);
            dialect.WriteAssignment(new SharedAssignment(pod, node.Name, node.Devices, deviceMask, node.LastStamp), annotations);
        }

        return annotations;
    }

    /// <summary>
    /// The devices that a bound pod's annotations name: ours, else those of its dialect, which may be from another scheduler. A pod that holds
    /// more devices than we would have given it holds a part of each.
    /// </summary>
    public static bool TryRead(Pod pod, NodeDevices devices, out uint deviceMask)
    {
        if (DeviceAnnotation.TryRead(pod, devices.Cards.Length, out deviceMask)) return true;
        if (SharingDialects.OfPod(pod.Shape) is not { } dialect || dialect.Kind != devices.Sharing) return false;
        deviceMask = dialect.ReadAssignment(pod, devices);
        return deviceMask != 0 && BitOperations.PopCount(deviceMask) >= pod.Shape.Gpu.Count;
    }

    /// <summary>The stamp in a pod's annotations; 0 without one.</summary>
    public static long StampOf(Pod pod) => SharingDialects.OfPod(pod.Shape)?.ReadStamp(pod) ?? 0;
}
