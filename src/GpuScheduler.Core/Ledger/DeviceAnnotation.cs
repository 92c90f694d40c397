using System.Collections.ObjectModel;
using System.Numerics;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The pod annotation <c>gpu-scheduler.io/devices</c>, written in the Binding itself, that says which devices of its node a pod was given:
/// <c>[{"index":0,"milli":1000},{"index":3,"milli":1000}]</c>. <c>index</c> is the device index on the node, <c>milli</c> how many
/// thousandths of it the pod holds. A share by memory says <c>"memoryMiB"</c> in place of <c>milli</c>, and <c>"cores"</c> (per cent) where it
/// asks for some: <c>[{"index":2,"memoryMiB":4096,"cores":30}]</c>. From it the ledger is rebuilt after a restart.
/// MIG instances have entries of their own (<see cref="MigAnnotation"/>).
/// </summary>
public static class DeviceAnnotation
{
    /// <summary>The annotation's key.</summary>
    public const string Key = "gpu-scheduler.io/devices";

    /// <summary>The annotation alone; nothing when no devices were chosen.</summary>
    public static IReadOnlyDictionary<string, string> For(uint deviceMask, GpuDemand demand, NodeDevices devices) => deviceMask == 0
        ? ReadOnlyDictionary<string, string>.Empty : new Dictionary<string, string> { [Key] = Write(deviceMask, demand, devices) };

    /// <summary>Writes the annotation's value for whole devices or thousandths of one.</summary>
    public static string Write(uint deviceMask, GpuDemand demand) => Write(deviceMask, demand, NodeDevices.None);

    /// <summary>Writes the annotation's value for devices of a node.</summary>
    public static string Write(uint deviceMask, GpuDemand demand, NodeDevices devices)
    {
        var text = new StringBuilder("[");
        for (var rest = deviceMask; rest != 0; rest &= rest - 1)
        {
            if (text.Length > 1) text.Append(',');
            var device = BitOperations.TrailingZeroCount(rest);
            text.Append("{\"index\":").Append(device);
            if (demand.IsMemoryShare)
            {
                var memory = demand.Memory.On(devices.Cards[device].Memory);
                text.Append(",\"memoryMiB\":").Append((long)memory * devices.MemoryUnitMiB);
                if (demand.Memory.CoresPercent > 0) text.Append(",\"cores\":").Append(demand.Memory.CoresPercent);
            }
            else
            {
                text.Append(",\"milli\":").Append(demand.MilliPerGpu);
            }

            text.Append('}');
        }

        return text.Append(']').ToString();
    }

    /// <summary>
    /// The devices a pod's annotation names; false when it is absent, malformed, or does not agree with what the pod asks for (then the
    /// annotation was not written for this pod and proves nothing).
    /// </summary>
    public static bool TryRead(Pod pod, int deviceCount, out uint deviceMask)
    {
        deviceMask = 0;
        if (!pod.Annotations.TryGetValue(Key, out var text)) return false;
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var device in document.RootElement.EnumerateArray())
            {
                if (device.TryGetProperty("profile", out _)) continue;
                var index = device.GetProperty("index").GetInt32();
                if (index < 0 || index >= deviceCount || !Agrees(device, pod.Shape.Gpu)) return false;
                deviceMask |= 1u << index;
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }

        return BitOperations.PopCount(deviceMask) == pod.Shape.Gpu.Count;
    }

    private static bool Agrees(JsonElement device, in GpuDemand demand)
    {
        if (!demand.IsMemoryShare) return device.GetProperty("milli").GetInt32() == demand.MilliPerGpu;
        var memory = device.GetProperty("memoryMiB").GetInt64();
        return demand.Memory.MemoryPercent > 0 ? memory >= demand.Memory.Memory
            : memory == demand.Memory.Memory || memory == demand.Memory.Memory * 1024L;
    }
}
