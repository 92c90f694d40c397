using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The pod annotation <c>gpu-scheduler.io/devices</c>, written in the Binding itself, that says which devices of its node a pod was given:
/// <c>[{"index":0,"milli":1000},{"index":3,"milli":1000}]</c>. <c>index</c> is the device index on the node, <c>milli</c> how many
/// thousandths of it the pod holds. From it the ledger is rebuilt after a restart.
/// </summary>
public static class DeviceAnnotation
{
    /// <summary>The annotation's key.</summary>
    public const string Key = "gpu-scheduler.io/devices";

    /// <summary>Writes the annotation's value.</summary>
    public static string Write(uint deviceMask, GpuDemand demand)
    {
        var text = new StringBuilder("[");
        for (var rest = deviceMask; rest != 0; rest &= rest - 1)
        {
            if (text.Length > 1) text.Append(',');
            text.Append("{\"index\":").Append(BitOperations.TrailingZeroCount(rest)).Append(",\"milli\":").Append(demand.MilliPerGpu).Append('}');
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
                if (index < 0 || index >= deviceCount || device.GetProperty("milli").GetInt32() != pod.Shape.Gpu.MilliPerGpu) return false;
                deviceMask |= 1u << index;
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }

        return BitOperations.PopCount(deviceMask) == pod.Shape.Gpu.Count;
    }

    /// <summary>
    /// Writes whole devices or shares together with MIG instances: <c>[{"index":0,"profile":"1g.5gb","start":4}]</c>, where <c>index</c> is
    /// the GPU and <c>start</c> the first memory slice. Empty when there are neither.
    /// </summary>
    public static string WriteAll(uint deviceMask, GpuDemand demand, IReadOnlyList<MigSlot> slots)
    {
        var entries = deviceMask == 0 ? "" : Write(deviceMask, demand)[1..^1];
        foreach (var slot in slots)
        {
            var entry = string.Create(CultureInfo.InvariantCulture, $"{{\"index\":{slot.Gpu},\"profile\":\"{slot.Profile}\",\"start\":{slot.Start}}}");
            entries = entries.Length == 0 ? entry : $"{entries},{entry}";
        }

        return entries.Length == 0 ? "" : $"[{entries}]";
    }

    /// <summary>The MIG instances a pod's annotation names; false when it names others than the pod asks for.</summary>
    public static bool TryReadMig(Pod pod, out IReadOnlyList<MigSlot> slots)
    {
        slots = [];
        if (!pod.Annotations.TryGetValue(Key, out var text)) return false;
        var found = new List<MigSlot>();
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var device in document.RootElement.EnumerateArray())
            {
                if (!device.TryGetProperty("profile", out var name)) continue;
                if (!MigProfile.TryParse(name.GetString() ?? "", out var profile, out _)) return false;
                found.Add(new MigSlot(device.GetProperty("index").GetInt32(), profile!, device.GetProperty("start").GetInt32()));
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }

        slots = found;
        return found.Count == pod.Shape.Mig.Sum(request => request.Count)
            && pod.Shape.Mig.All(request => found.Count(slot => slot.Profile == request.Profile) == request.Count);
    }
}
