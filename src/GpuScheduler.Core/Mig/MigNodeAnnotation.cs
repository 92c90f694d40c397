using System.Text.Json;

namespace GpuScheduler.Core.Mig;

/// <summary>What an agent (or an operator) says of one GPU's MIG mode.</summary>
/// <param name="Index">The GPU's index on its node.</param>
/// <param name="IsEnabled"><c>migEnabled</c>; null where it is not said.</param>
/// <param name="Slots">Its instances; empty where none are told.</param>
public sealed record MigToldGpu(int Index, bool? IsEnabled, IReadOnlyList<MigSlot> Slots);

/// <summary>
/// The MIG part of the node annotation <c>gpu-scheduler.io/node-devices</c>:
/// <code>[{"index":0,"migEnabled":true,"mig":[{"profile":"3g.40gb","start":4}]}, {"index":1,"migEnabled":false}]</code>
/// With fixed layouts <c>mig</c> lists the instances there are. Where layouts are dynamic it lists those that must stay (made by hand, or used by
/// something that is no pod); instances of pods need not be listed, and are counted once if they are.
/// </summary>
public static class MigNodeAnnotation
{
    /// <summary>The annotation's key.</summary>
    public const string Key = "gpu-scheduler.io/node-devices";

    /// <summary>What it says, by GPU; null when it is absent, says nothing of MIG, or cannot be so. Then <paramref name="problem"/> tells why.</summary>
    public static IReadOnlyList<MigToldGpu>? Read(IReadOnlyDictionary<string, string> annotations, out string problem)
    {
        problem = "";
        if (!annotations.TryGetValue(Key, out var text)) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var gpus = document.RootElement.EnumerateArray().Select(ReadGpu).ToArray();
            return gpus.Any(gpu => gpu.IsEnabled is not null || gpu.Slots.Count > 0) ? gpus : null;
        }
        catch (Exception bad) when (bad is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            problem = $"annotation {Key}: {bad.Message}";
            return null;
        }
    }

    private static MigToldGpu ReadGpu(JsonElement gpu)
    {
        var index = gpu.GetProperty("index").GetInt32();
        if (index is < 0 or >= Snapshots.NodePage.MaxDevices) throw new FormatException($"index {index} is not that of a GPU");
        bool? enabled = gpu.TryGetProperty("migEnabled", out var told) ? told.GetBoolean() : null;
        MigSlot[] slots = gpu.TryGetProperty("mig", out var mig) ? [.. mig.EnumerateArray().Select(slot => ReadSlot(index, slot))] : [];
        return new MigToldGpu(index, enabled ?? (slots.Length > 0 ? true : null), slots);
    }

    private static MigSlot ReadSlot(int gpu, JsonElement slot)
    {
        var name = slot.GetProperty("profile").GetString() ?? "";
        return MigProfile.TryParse(name, out var profile, out var problem)
            ? new MigSlot(gpu, profile!, slot.GetProperty("start").GetInt32())
            : throw new FormatException(problem);
    }
}
