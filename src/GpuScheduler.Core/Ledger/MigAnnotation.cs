using System.Globalization;
using System.Text.Json;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The MIG instances in the pod annotation <c>gpu-scheduler.io/devices</c>: <c>[{"index":0,"profile":"1g.5gb","start":4}]</c>, where <c>index</c> is
/// the GPU on its node and <c>start</c> the instance's first memory slice. Written where instances are made as pods need them
/// (<see cref="MigMode.Dynamic"/>), beside the entries of whole devices if the pod has any.
/// </summary>
public static class MigAnnotation
{
    /// <summary>Writes the annotation's value for instances alone.</summary>
    public static string Write(IReadOnlyList<MigSlot> slots) => $"[{Entries(slots)}]";

    /// <summary>Annotations with a pod's instances in them; as they are when it has none.</summary>
    internal static IReadOnlyDictionary<string, string> AddTo(IReadOnlyDictionary<string, string> annotations, IReadOnlyList<MigSlot> slots)
    {
        if (slots.Count == 0) return annotations;
        var entries = Entries(slots);
        var devices = annotations.GetValueOrDefault(DeviceAnnotation.Key, "[]")[1..^1];
        return new Dictionary<string, string>(annotations) { [DeviceAnnotation.Key] = devices.Length == 0 ? $"[{entries}]" : $"[{devices},{entries}]" };
    }

    /// <summary>The instances a pod's annotation names; false when it is absent, malformed, or names others than the pod asks for.</summary>
    public static bool TryRead(Pod pod, out IReadOnlyList<MigSlot> slots)
    {
        slots = [];
        if (!pod.Annotations.TryGetValue(DeviceAnnotation.Key, out var text)) return false;
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

    private static string Entries(IReadOnlyList<MigSlot> slots) => string.Join(',', slots.Select(slot =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"index\":{slot.Gpu},\"profile\":\"{slot.Profile}\",\"start\":{slot.Start}}}")));
}
