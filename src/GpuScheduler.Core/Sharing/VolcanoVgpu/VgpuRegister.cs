using System.Globalization;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing.VolcanoVgpu;

/// <summary>
/// The node annotation <c>volcano.sh/node-vgpu-register</c>, in which Volcano's vGPU device plugin names a node's devices:
/// <c>UUID,count,memory,NVIDIA-model,health,mode</c> with a colon after each, at least six fields
/// (<c>pkg/scheduler/api/devices/nvidia/vgpu/utils.go</c>, <c>decodeNodeDevices</c>). Index is the position.
/// </summary>
internal static class VgpuRegister
{
    /// <summary>The annotation's key.</summary>
    public const string Key = "volcano.sh/node-vgpu-register";

    private const int Fields = 6;

    /// <summary>The devices; null when the annotation is absent or malformed. A card in MIG mode is listed as not to be given out.</summary>
    public static IReadOnlyList<GpuDevice>? Read(IReadOnlyDictionary<string, string> annotations)
    {
        if (!annotations.TryGetValue(Key, out var text)) return null;
        var devices = new List<GpuDevice>();
        foreach (var entry in text.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = entry.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length < Fields || fields[0].Length == 0 || Number(fields[1]) is not { } tasks || Number(fields[2]) is not { } memory) return null;
            devices.Add(new GpuDevice(devices.Count)
            {
                Uuid = fields[0],
                MaxTasks = tasks,
                MemoryMiB = memory,
                Model = fields[3],
                IsHealthy = bool.TryParse(fields[4], out var healthy) && healthy && !fields[5].Equals("mig", StringComparison.OrdinalIgnoreCase),
            });
        }

        return devices.Count > 0 ? devices : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
