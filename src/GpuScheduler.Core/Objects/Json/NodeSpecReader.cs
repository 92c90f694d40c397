using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads a node's <c>spec</c>.</summary>
internal sealed class NodeSpecReader
{
    private static readonly KnownTexts CommonTexts =
        new("NoSchedule", "NoExecute", "PreferNoSchedule", "nvidia.com/gpu", "present", "true", "node.kubernetes.io/unschedulable");

    public bool IsUnschedulable { get; private set; }

    public List<Taint> Taints { get; } = [];

    /// <summary>Reads the property the reader is on.</summary>
    public void Read(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("spec");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader))
            {
                if (NameIs(ref reader, "unschedulable"u8)) IsUnschedulable = ReadBoolean(ref reader, path, "unschedulable");
                else if (NameIs(ref reader, "taints"u8)) ReadTaints(ref reader, path);
                else Skip(ref reader);
            }
        }

        path.Pop();
    }

    private void ReadTaints(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("taints");
        Taints.Clear();
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path)) Taints.Add(ReadTaint(ref reader, path));
                path.Pop();
            }
        }

        path.Pop();
    }

    private static Taint ReadTaint(ref Utf8JsonReader reader, JsonPath path)
    {
        string key = "", value = "", effect = "";
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "key"u8)) key = ReadString(ref reader, path, "key", CommonTexts);
            else if (NameIs(ref reader, "value"u8)) value = ReadString(ref reader, path, "value", CommonTexts);
            else if (NameIs(ref reader, "effect"u8)) effect = ReadString(ref reader, path, "effect", CommonTexts);
            else Skip(ref reader);
        }

        return new Taint(key, value, effect);
    }
}
