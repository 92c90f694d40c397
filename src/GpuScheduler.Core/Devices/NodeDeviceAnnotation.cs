using System.Text.Json;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Devices;

/// <summary>
/// The node annotation <c>gpu-scheduler.io/node-devices</c>, in which an agent (or an operator) says what GPUs a node has:
/// <code>[{"index":0,"uuid":"GPU-5c1...","model":"NVIDIA-L40S","memoryMiB":46068,"numa":0,"link":"a","healthy":true}, ...]</code>
/// Only <c>index</c> is needed. Without it the devices are inferred (<see cref="NodeDevices"/>).
/// </summary>
public static class NodeDeviceAnnotation
{
    /// <summary>The annotation's key.</summary>
    public const string Key = "gpu-scheduler.io/node-devices";

    /// <summary>The devices it names by index; null when it is absent or says anything that cannot be so: half an inventory is none.</summary>
    public static IReadOnlyList<GpuDevice>? Read(IReadOnlyDictionary<string, string> annotations)
    {
        if (!annotations.TryGetValue(Key, out var text)) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var devices = new SortedDictionary<int, GpuDevice>();
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                var device = ReadDevice(entry);
                if (device.Index < 0 || device.MemoryMiB < 0 || !devices.TryAdd(device.Index, device)) return null;
            }

            return devices.Count == 0 ? null : [.. devices.Values];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static GpuDevice ReadDevice(JsonElement entry) => new(entry.GetProperty("index").GetInt32())
    {
        Uuid = Text(entry, "uuid"),
        Model = Text(entry, "model"),
        MemoryMiB = entry.TryGetProperty("memoryMiB", out var memory) ? memory.GetInt32() : 0,
        Numa = entry.TryGetProperty("numa", out var numa) ? numa.GetInt32() : -1,
        LinkIsland = Text(entry, "link"),
        IsHealthy = !entry.TryGetProperty("healthy", out var healthy) || healthy.GetBoolean(),
    };

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
