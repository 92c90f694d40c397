using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads one entry of <c>status.conditions</c>, the same for pods and nodes.</summary>
internal static class ConditionReader
{
    private static readonly KnownTexts CommonTexts =
        new("True", "False", "Unknown", "Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable",
            "PodScheduled", "Initialized", "ContainersReady", "PodReadyToStartContainers");

    /// <summary>Entered on the start of the object, left at its end.</summary>
    public static (string Type, string Status, string Reason) Read(ref Utf8JsonReader reader, JsonPath path)
    {
        string type = "", status = "", reason = "";
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "type"u8)) type = ReadString(ref reader, path, "type", CommonTexts);
            else if (NameIs(ref reader, "status"u8)) status = ReadString(ref reader, path, "status", CommonTexts);
            else if (NameIs(ref reader, "reason"u8)) reason = ReadString(ref reader, path, "reason");
            else Skip(ref reader);
        }

        return (type, status, reason);
    }
}
